/// From a 64-bit key to the contacts that have it, in the order of the file: 12 bytes a slot, filled to seven tenths.
///
/// Open addressing with linear steps, so that a look-up touches one cache line. The hash is seeded, since keys come
/// from files: whoever writes one cannot aim all of its keys at one slot.
struct ContactKeyTable: Sendable {
    private struct Slot {
        var low: UInt32 = 0
        var high: UInt32 = 0
        var value = ContactKeyTable.empty
    }

    /// One of several contacts of a key.
    private struct Link {
        var contact: UInt32
        var next: UInt32
    }

    static let maxContacts = 1 << 31 - 2
    private static let empty = UInt32.max
    /// Set in a slot's value that leads to links rather than to a contact.
    private static let several: UInt32 = 1 << 31

    private var slots: [Slot]
    private var links: [Link] = []
    private let seed: UInt64
    private let factor: UInt64

    /// `contacts` never falls from one pair to the next. A contact that gives a key twice is there once.
    init(keys: [UInt64], contacts: [UInt32]) {
        var random = SystemRandomNumberGenerator()
        seed = random.next()
        factor = random.next() | 1
        slots = [Slot](repeating: Slot(), count: keys.count * 10 / 7 + 1)
        // Backwards, because each new link goes in front of the others.
        for index in keys.indices.reversed() { insert(keys[index], contacts[index]) }
    }

    /// Appends the key's contacts, in ascending order.
    func find(_ key: UInt64, into found: inout [UInt32]) {
        let value = slots[slot(of: key)].value
        guard value != Self.empty else { return }
        guard value & Self.several != 0 else { return found.append(value) }
        var link = value & ~Self.several
        while link < links.count {
            found.append(links[Int(link)].contact)
            link = links[Int(link)].next
        }
    }

    /// The slot that holds the key, or the empty one where it would go. There always is one: no table is full.
    private func slot(of key: UInt64) -> Int {
        let (low, high) = (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
        let product = (key ^ seed).multipliedFullWidth(by: factor)
        let hash = product.high ^ product.low
        var index = Int(hash.multipliedFullWidth(by: UInt64(slots.count)).high)
        while slots[index].value != Self.empty, slots[index].low != low || slots[index].high != high {
            index = index + 1 == slots.count ? 0 : index + 1
        }
        return index
    }

    private mutating func insert(_ key: UInt64, _ contact: UInt32) {
        let index = slot(of: key)
        let value = slots[index].value
        guard value != Self.empty else {
            slots[index] = Slot(
                low: UInt32(truncatingIfNeeded: key), high: UInt32(truncatingIfNeeded: key >> 32), value: contact)
            return
        }
        let isLinked = value & Self.several != 0
        let first = isLinked ? links[Int(value & ~Self.several)].contact : value
        guard first != contact else { return }
        if !isLinked { links.append(Link(contact: value, next: Self.empty)) }
        let next = isLinked ? value & ~Self.several : UInt32(links.count - 1)
        links.append(Link(contact: contact, next: next))
        slots[index].value = UInt32(links.count - 1) | Self.several
    }
}
