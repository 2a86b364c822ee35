/// The context object that Enreach Voice for Dynamics gives to its plugins, whole.
///
/// `callInProgress` is true while an inbound call rings or the user is dialling, and false "when the call ends": so it is
/// true in between, too. `eventData` is what the vendor's telephone passed, of no documented shape; our reading of it is in
/// ``EnreachEventData``. Source: Enreach, "Plugin Context".
struct EnreachContext {
    var event: EnreachEvent
    var callStarted: Bool
    var callInProgress: Bool
    /// `logicalName` is the contact's type: `account`, `contact`.
    var customer: Contact?
    /// 0 inbound, 1 outbound.
    var direction: CallDirection
    var userID: String?
    var crmUserID: String?
    var phoneNumber: String
    /// The form shown has changes that are not saved.
    var isDirty = false
    /// `{logicalName, id, name, fieldName, format}` of the record that was dialled from; JSON as it came.
    var callInitiatedFrom: [UInt8]?
    /// JSON as it came: the vendor documents what plugins may do with it, not how it is written.
    var customerSearchResults: [UInt8]?
    var eventData: [UInt8]?
    /// Members that the vendor does not document.
    var others: [VendorMember] = []
}
