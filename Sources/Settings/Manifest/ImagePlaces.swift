import Tools
import Vocabulary

/// The places of one object that name images of ours.
///
/// A container's image is one whatever it is called. Elsewhere a reference is one as a whole value
/// when it cannot be anything else: with a host, or with a path and a tag. A shorter one, such as
/// `web` or `acme/web`, is also the name of Services, labels and repositories of source code, so
/// that it counts only where the key, the variable or the option says that it is an image.
struct ImagePlaces: Sendable {
    /// Those found, in a stable order.
    private(set) var found: [ImageUse] = []
    /// Values that are an image's name and stand where nothing says that they are an image.
    private(set) var doubtful: [ImageUse] = []

    private let rewriter: ImageRewriter

    init(_ object: JSONValue, rewriter: ImageRewriter) {
        self.rewriter = rewriter
        var declared: Set<ObjectPath> = []
        for place in rewriter.declared where place.path.applies(to: ManifestObject(object)) {
            for path in place.path.jsonPath.paths(in: object) {
                guard let text = path.value(in: object)?.string,
                    declared.insert(path).inserted
                else { continue }
                found.append(
                    ImageUse(
                        image: place.image, path: path, form: .whole, reference: text,
                        container: ImagePlaces.container(of: path, in: object)))
            }
        }
        walk(object, ObjectPath(), nil)
        var seen: Set<ObjectPath> = declared
        found =
            Array(found.prefix(declared.count))
            + found.dropFirst(declared.count).filter { seen.insert($0.path).inserted }
    }

    /// Members whose values never are images: names, and what selects by names.
    private static let passedOver: Set = [
        "labels", "matchLabels", "selector", "nodeSelector", "status", "managedFields",
        "apiVersion", "kind", "ownerReferences",
    ]
    /// Members of what is called an image that hold something else than its reference.
    private static let notReferences: Set = [
        "name", "tag", "newtag", "version", "digest", "registry", "pullpolicy", "description",
        "title", "type",
    ]

    private mutating func walk(_ value: JSONValue, _ path: ObjectPath, _ holder: JSONValue?) {
        switch value {
        case .object(let members):
            let taken = addParts(members, path)
            for (key, member) in members.sorted(by: { $0.key < $1.key }) {
                guard !taken.contains(key), !ImagePlaces.passedOver.contains(key),
                    path.key != "metadata" || key == "annotations"
                else { continue }
                walk(member, path.appending(.member(key)), value)
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                let step = ObjectPath.Step.element(index, name: element["name"]?.string)
                if let text = element.string {
                    let option = index > 0 ? elements[index - 1].string : nil
                    addArgument(text, after: option, path.appending(step))
                } else {
                    walk(element, path.appending(step), value)
                }
            }
        case .string(let text): addValue(text, path, holder)
        default: break
        }
    }

    private mutating func addValue(_ text: String, _ path: ObjectPath, _ holder: JSONValue?) {
        guard let (image, isClear) = meaning(of: text) else { return }
        let container = ImagePlaces.container(path, holder)
        let use = ImageUse(
            image: image, path: path, form: .whole, reference: text, container: container)
        // A variable, or a parameter: {name: IMAGE, value: web}.
        let name = path.key == "value" ? holder?["name"]?.string : nil
        if container != nil || isClear || ImagePlaces.isOfImage(path.parent, name ?? path.key ?? "")
        {
            found.append(use)
        } else if path.key != "name" {
            doubtful.append(use)
        }
    }

    /// An element of a list of texts, as arguments are.
    private mutating func addArgument(_ text: String, after option: String?, _ path: ObjectPath) {
        var form = ImageUse.Form.whole
        var reference = text
        var label = option.flatMap { $0.hasPrefix("-") ? $0 : nil } ?? ""
        if meaning(of: text) == nil, let parts = text.parted(atFirst: UInt8(ascii: "=")) {
            form = .after("\(parts.before)=")
            reference = String(parts.after)
            label = String(parts.before)
        }
        guard let (image, isClear) = meaning(of: reference) else { return }
        let use = ImageUse(image: image, path: path, form: form, reference: reference)
        if isClear || ImagePlaces.namesImage(label)
            || ImagePlaces.isOfImage(path.parent.parent, path.key ?? "")
        {
            found.append(use)
        } else {
            doubtful.append(use)
        }
    }

    /// A reference in parts, as values of charts and resources of operators have it.
    ///
    /// - Returns: the members that are its parts.
    private mutating func addParts(_ members: [String: JSONValue], _ path: ObjectPath) -> Set<
        String
    > {
        guard
            let repository = ["repository", "image"].first(where: { members[$0]?.string != nil }),
            let tag = ["tag", "imageTag"].first(where: { members[$0]?.string != nil }),
            let text = members[repository]?.string, let version = members[tag]?.string
        else { return [] }
        let host = members["registry"]?.string ?? ""
        let whole = (host.isEmpty ? "" : "\(host)/") + text
        guard let reference = try? ImageReference(whole), reference.tag == nil,
            let image = rewriter.image(meantBy: reference),
            // A repository of source code has tags, too.
            reference.registry != nil || ImagePlaces.isOfImage(path, repository)
        else { return [] }
        let names = ImageUse.PartNames(
            registry: host.isEmpty ? nil : "registry", repository: repository, tag: tag)
        found.append(
            ImageUse(
                image: image, path: path, form: .parts(names),
                reference: whole + (version.isEmpty ? "" : ":\(version)")))
        return [repository, tag, "registry", "digest"]
    }

    /// The image that a text means, and whether it can mean nothing else.
    private func meaning(of text: String) -> (image: String, isClear: Bool)? {
        guard text.utf8.count <= 512, let reference = try? ImageReference(text),
            let image = rewriter.image(meantBy: reference)
        else { return nil }
        let hasVersion = reference.tag != nil || reference.digest != nil
        let hasPath = reference.path.utf8.contains(UInt8(ascii: "/"))
        return (image, reference.registry != nil || hasPath && hasVersion)
    }

    private static func container(of path: ObjectPath, in object: JSONValue) -> String? {
        container(path, path.parent.value(in: object))
    }

    /// The container whose image this is; nil when it is none's.
    private static func container(_ path: ObjectPath, _ holder: JSONValue?) -> String? {
        guard path.key == "image", path.members.count > 1,
            ContainerUse.lists.contains(path.members[path.members.count - 2])
        else { return nil }
        return holder?["name"]?.string ?? ""
    }

    /// Whether a value of this name, or what holds it, is called an image.
    private static func isOfImage(_ holder: ObjectPath, _ name: String) -> Bool {
        if namesImage(name) { return true }
        guard let outer = holder.key, !notReferences.contains(name.lowercased()) else {
            return false
        }
        return namesImage(outer)
    }

    private static func namesImage(_ key: String) -> Bool {
        let key = key.lowercased()
        return key.contains("image") && !["secret", "policy", "pull"].contains { key.contains($0) }
    }
}
