import Arguments
import Testing

@Suite struct `Help` {
    @Test func `of the program shows every visible command by group`() {
        #expect(
            sample.help(for: [])
                == #"""
                OVERVIEW: Run local clusters

                Everything happens on this machine. A cluster is a few containers, an image is
                built once and loaded into all of them.

                  $ sample up

                That is all.

                USAGE: sample [options] <command>

                OPTIONS:
                  --version                Show the version
                  -h, --help               Show this help

                GLOBAL OPTIONS:
                  --json                   Print JSON instead of text
                  -v, --verbose            Show what is run (repeatable)
                  -c, --cluster <CLUSTER>  Cluster to use

                SUBCOMMANDS:
                  status, st               Show the cluster

                IMAGE COMMANDS:
                  image                    Work with images

                See 'sample help <command>' for detailed help.

                """#)
    }

    @Test func `of a command shows what can be given, defaults and examples`() {
        #expect(
            sample.help(for: ["image", "load"])
                == #"""
                OVERVIEW: Load images into the nodes

                USAGE: sample image load [options] <IMAGE>...

                ARGUMENTS:
                  <IMAGE>...               Images

                OPTIONS:
                  --unique-tag             Give the image a tag of its own, so that a rollout
                                           notices the change
                  --[no-]switch            Switch the workload over
                  --[no-]wait              Wait for the nodes (default: on)
                  -q, --quiet              Say nothing
                  -n, --namespace <NAME>   Namespace
                  --pull <PULL>            When to pull (values: always, never, if-missing;
                                           default: always)
                  --port <PORT>            Port of the registry (default: 5001)
                  --label <LABEL>          Label to add (repeatable)
                  --context <CONTEXT>      Folder to build
                  -h, --help               Show this help

                GLOBAL OPTIONS:
                  --json                   Print JSON instead of text
                  -v, --verbose            Show what is run (repeatable)
                  -c, --cluster <CLUSTER>  Cluster to use

                EXAMPLES:
                  # load one image
                  $ sample image load demo:dev

                  # so that a rollout sees it
                  $ sample image load --unique-tag demo:dev

                """#)
    }

    @Test func `of a group names its subcommands with their aliases`() {
        #expect(
            sample.help(for: ["image"])
                == #"""
                OVERVIEW: Work with images

                USAGE: sample image [options] <command>

                OPTIONS:
                  -h, --help               Show this help

                GLOBAL OPTIONS:
                  --json                   Print JSON instead of text
                  -v, --verbose            Show what is run (repeatable)
                  -c, --cluster <CLUSTER>  Cluster to use

                SUBCOMMANDS:
                  load, ld                 Load images into the nodes
                  copy                     Copy an image

                See 'sample help image <command>' for detailed help.

                """#)
    }

    @Test func `fits a narrow terminal`() {
        #expect(
            sample.help(for: ["image", "copy"], columns: 44)
                == #"""
                OVERVIEW: Copy an image

                USAGE: sample image copy [options]
                       --registry <REGISTRY> <SOURCE>
                       [<TARGET>]

                ARGUMENTS:
                  <SOURCE>        Where from
                  <TARGET>        Where to

                OPTIONS:
                  --registry <REGISTRY>
                                  Registry to copy to
                  -h, --help      Show this help

                GLOBAL OPTIONS:
                  --json          Print JSON instead of text
                  -v, --verbose   Show what is run
                                  (repeatable)
                  -c, --cluster <CLUSTER>
                                  Cluster to use

                """#)
    }

    @Test(arguments: [-1, 0, 40, 57, 80, 200])
    func `has no line wider than the terminal`(columns: Int) {
        for path in [[], ["image"], ["image", "load"], ["status"]] {
            // Examples are meant to be copied and stay whole.
            let text = sample.help(for: path, columns: columns).prefix { $0 != "#" }
            for line in text.split(separator: "\n") {
                #expect(line.count <= max(40, columns), "\(line)")
            }
        }
    }

    @Test func `of an unknown command is that of the deepest known one`() {
        #expect(sample.help(for: ["image", "x", "y"]) == sample.help(for: ["image"]))
    }

    @Test func `shows words after two dashes in the usage line`() {
        #expect(
            sample.help(for: ["st"]).contains(
                "\nUSAGE: sample status [options] [<NODE>] [-- <WORD>...]\n"))
    }
}
