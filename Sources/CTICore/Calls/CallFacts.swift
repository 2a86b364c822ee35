/// What a vendor tells of a call beyond what every vendor does. It travels beside the frame, in its trace, so that each
/// dialect gets back what it said.
public struct CallFacts: Hashable, Sendable {
    public enum Party: String, Sendable { case agent, caller }

    /// What an end ends.
    public enum Reach: String, Sendable {
        /// The call as a whole: the PBX says so.
        case call
        /// This telephone's part in it, of which alone a softphone knows.
        case leg
    }

    public var reach = Reach.call
    public var endedBy: Party?
    public var endReason: EndReason?
    /// The ISDN cause (Q.850), as 16 for normal clearing.
    public var endCode: Int?
    /// Whole seconds, as the vendor told them; see ``CallAccount`` for those that follow from moments.
    public var ringSeconds: Int?
    public var waitSeconds: Int?
    public var talkSeconds: Int?
    public var totalSeconds: Int?
    public var callerName: String?
    /// The session that the vendor is about to open, with its parameters.
    public var session: SessionRequest?
    /// Members that have no place in the model, untouched: for the dialect that they came in.
    public var vendor: VendorMembers?

    public init() {}

    public var isEmpty: Bool { self == CallFacts() }
}

/// Input of `createSession` of Microsoft's Channel Integration Framework 2.
public struct SessionRequest: Hashable, Sendable {
    public var templateName: String
    /// In the order in which they were given; JSON as it was written, for a parameter may be an object.
    public var templateParameters: [VendorMember]

    public init(templateName: String, templateParameters: [VendorMember]) {
        self.templateName = templateName
        self.templateParameters = templateParameters
    }
}

/// A member of a vendor's object: its name, and its value as JSON.
public struct VendorMember: Hashable, Sendable {
    public var name: String
    public var json: [UInt8]

    public init(name: String, json: [UInt8]) {
        self.name = name
        self.json = json
    }
}

/// Members of a vendor's object that are passed through.
public struct VendorMembers: Hashable, Sendable {
    public var dialect: Dialect
    public var members: [VendorMember]

    public init(dialect: Dialect, members: [VendorMember]) {
        self.dialect = dialect
        self.members = members
    }
}
