import Testing

@testable import Hiredis

struct RedisCommandTests {
    @Test("a command is written as an array of counted strings")
    func wireForm() {
        let command = RedisCommand("LPOP", "ключ", "256")
        #expect(String(decoding: command.bytes, as: UTF8.self) == "*3\r\n$4\r\nLPOP\r\n$8\r\nключ\r\n$3\r\n256\r\n")
    }

    @Test("arguments are bytes: nothing in them ends them")
    func binary() {
        let command = RedisCommand([Array("SET".utf8), [0, 13, 10], []])
        #expect(command.bytes == Array("*3\r\n$3\r\nSET\r\n$3\r\n\0\r\n\r\n$0\r\n\r\n".utf8))
    }

    @Test(
        "an error reply is told by its first word, and repeats no argument",
        arguments: [
            ("NOAUTH Authentication required.", RedisError.Code.noAuth),
            ("WRONGPASS invalid username-password pair", .wrongPassword),
            ("NOPERM this user has no permissions", .noPermission),
            ("WRONGTYPE Operation against a key", .wrongType),
            ("LOADING Redis is loading the dataset in memory", .loading),
            ("READONLY You can't write against a read only replica.", .readOnly),
            ("UNBLOCKED force unblock from blocking operation, instance state changed", .readOnly),
            ("MOVED 3999 127.0.0.1:6381", .moved),
            ("CLUSTERDOWN Hash slot not served", .clusterDown),
            ("MISCONF Redis is configured to save RDB snapshots", .refusesWrites),
            ("OOM command not allowed when used memory > 'maxmemory'.", .refusesWrites),
            ("ERR AUTH <password> called without any password configured", .wrongPassword),
            ("ERR Error running script (call to f_1): @user_script:1: WRONGTYPE Operation", .wrongType),
            ("ERR The user executing the script can't run this command or subcommand script: f_1", .noPermission),
            ("ERR unknown command 'BLMOVE', with args beginning with: 'secret'", .unknownCommand),
            ("ERR syntax error", .server),
        ])
    func errors(text: String, code: RedisError.Code) {
        let error = RedisError(reply: text)
        #expect(error.code == code)
        #expect(!error.description.contains("secret"))
    }
}
