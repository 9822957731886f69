import Testing

@testable import Deployment
@testable import Images
@testable import Vocabulary

struct AnnouncedImagesTests {
    private let announced = AnnouncedImages(references: [
        "web": "localhost:5051/web:dev-2", "team/api": "localhost:5051/team/api:dev-2",
    ])
    private let objects: [JSONValue] = [
        ["data": ["app.yaml": "image: localhost:5051/web:dev-2\n", "n": 1]],
        ["spec": ["list": ["--image=localhost:5051/web:dev-2"]]],
    ]

    @Test func `programs are told of every image`() {
        #expect(
            announced.environment == [
                "DEVCLUSTER_IMAGE_WEB": "localhost:5051/web:dev-2",
                "DEVCLUSTER_IMAGE_TEAM_API": "localhost:5051/team/api:dev-2",
            ])
    }

    @Test func `a reference within a longer text counts as use`() {
        #expect(announced.named(in: objects) == ["web"])
        #expect(announced.named(in: []).isEmpty)
    }

    @Test func `an image that kept its tag stands under it, also within a text`() {
        let built = BuiltImage(
            name: "web", reference: "localhost:5051/web:dev-1", tag: "dev-1", imageID: "",
            digest: nil, buildSeconds: 0, pushSeconds: 0, isUnchanged: true)
        let settled = announced.settled(objects, built: [built])
        #expect(settled[0]["data"]?["app.yaml"] == "image: localhost:5051/web:dev-1\n")
        #expect(settled[1]["spec"]?["list"] == ["--image=localhost:5051/web:dev-1"])
        #expect(announced.settled(objects, built: []) == objects)
    }
}
