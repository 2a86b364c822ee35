// The ws package with nothing around it: one text, made once, to all who listen.
const http = require("http");
const { WebSocketServer } = require("/usr/share/nodejs/ws");

const listeners = new Set();
const event = JSON.stringify({
    type: "SalesCTI", channel: { text: "x".repeat(400) }, reference: "42", url: "https://crm.example",
});
const server = http.createServer((request, response) => {
    for (const socket of listeners) socket.send(event);
    response.end("ok");
});
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket, request) => {
    if (request.url.includes("listener")) listeners.add(socket);
    socket.on("close", () => listeners.delete(socket));
});
server.listen(Number(process.argv[2]), "127.0.0.1");
