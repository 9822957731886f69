import SystemLibraries
import Vocabulary

/// What is made of a list as the API returns it, object by object: a list may be 60 MB long, and is
/// never in memory as a whole.
package protocol ItemList {
    /// An object of the list.
    associatedtype Item: Decodable

    /// What an empty list makes.
    init()

    /// Takes one object in.
    mutating func add(_ item: Item)
}

extension ItemList {
    /// Reads the text of a list.
    ///
    /// - Throws: `DevClusterError` where it is no list, `DecodingError` for an object of it that is
    ///   not as it must be.
    package init(parsing text: Data) throws {
        self.init()
        try JSONValue.parseItems(of: text) { add(try $0.decoded(as: Item.self)) }
    }
}

/// A list as the API returns it.
package struct KubernetesList<Item: Decodable>: ItemList {
    package var items: [Item] = []

    package init() {}

    package mutating func add(_ item: Item) { items.append(item) }
}
