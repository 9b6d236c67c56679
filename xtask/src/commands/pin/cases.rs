//! References that are easily got wrong: a text, and what it should say once it is pinned.

/// One text.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) file: &'static str,
    /// `HOST/app:1` stands for an image that the registry has.
    pub(super) before: &'static str,
    /// `@D` stands for its digest.
    pub(super) after: &'static str,
}

const fn case(name: &'static str, file: &'static str, before: &'static str, after: &'static str) -> Case {
    Case { name, file, before, after }
}

const COMPOSE: &str = "compose.yaml";
const DOCKERFILE: &str = "Dockerfile";

/// All of them.
pub(super) const CASES: [Case; 20] = [
    case(
        "a service",
        COMPOSE,
        "services:\n  a:\n    image: HOST/app:1\n",
        "services:\n  a:\n    image: HOST/app:1@D\n",
    ),
    case(
        "a comment after quotes",
        COMPOSE,
        "services:\n  a:\n    image: \"HOST/app:1\" # \"c\"\n",
        "services:\n  a:\n    image: \"HOST/app:1@D\" # \"c\"\n",
    ),
    case(
        "a flow map",
        COMPOSE,
        "services: {a: {image: HOST/app:1, init: true}}\n",
        "services: {a: {image: HOST/app:1@D, init: true}}\n",
    ),
    case(
        "lines that end in CR LF",
        COMPOSE,
        "services:\r\n  a:\r\n    image: HOST/app:1\r\n",
        "services:\r\n  a:\r\n    image: HOST/app:1@D\r\n",
    ),
    case(
        "no end of the last line",
        COMPOSE,
        "services:\n  a:\n    image: HOST/app:1",
        "services:\n  a:\n    image: HOST/app:1@D",
    ),
    case(
        "a block scalar",
        COMPOSE,
        "services:\n  a:\n    image: >-\n      HOST/app:1\n",
        "services:\n  a:\n    image: >-\n      HOST/app:1@D\n",
    ),
    case(
        "the default of a variable",
        COMPOSE,
        "services:\n  a:\n    image: ${IMG:-HOST/app:1}\n",
        "services:\n  a:\n    image: ${IMG:-HOST/app:1@D}\n",
    ),
    case(
        "an alias",
        COMPOSE,
        "x-i: &i HOST/app:1\nservices:\n  a:\n    image: *i\n",
        "x-i: &i HOST/app:1@D\nservices:\n  a:\n    image: *i\n",
    ),
    case(
        "a merged fragment",
        COMPOSE,
        "x-a: &a\n  image: HOST/app:1\nservices:\n  a:\n    <<: *a\n",
        "x-a: &a\n  image: HOST/app:1@D\nservices:\n  a:\n    <<: *a\n",
    ),
    case(
        "a name that a build gives",
        COMPOSE,
        "services:\n  a:\n    build: .\n    image: HOST/app:1\n",
        "services:\n  a:\n    build: .\n    image: HOST/app:1\n",
    ),
    case(
        "an image as a volume",
        COMPOSE,
        "services:\n  a:\n    image: HOST/app:1\n    volumes:\n      - {type: image, source: HOST/app:1, target: /x}\n",
        "services:\n  a:\n    image: HOST/app:1@D\n    volumes:\n      - {type: image, source: HOST/app:1@D, target: /x}\n",
    ),
    case(
        "a text that is no image",
        COMPOSE,
        "services:\n  a:\n    image: HOST/app:1\n    command: |\n      image: HOST/app:1\n",
        "services:\n  a:\n    image: HOST/app:1@D\n    command: |\n      image: HOST/app:1\n",
    ),
    case(
        "FROM with a platform",
        DOCKERFILE,
        "FROM --platform=linux/amd64 HOST/app:1 AS a\nFROM a\n",
        "FROM --platform=linux/amd64 HOST/app:1@D AS a\nFROM a\n",
    ),
    case(
        "FROM through an ARG",
        DOCKERFILE,
        "ARG BASE=HOST/app:1\nFROM ${BASE}\n",
        "ARG BASE=HOST/app:1@D\nFROM ${BASE}\n",
    ),
    case(
        "COPY --from",
        DOCKERFILE,
        "FROM scratch\nCOPY --from=HOST/app:1 /a /a\n",
        "FROM scratch\nCOPY --from=HOST/app:1@D /a /a\n",
    ),
    case(
        "a mount's from",
        DOCKERFILE,
        "FROM scratch\nRUN --mount=type=bind,from=HOST/app:1,target=/a [\"/a\"]\n",
        "FROM scratch\nRUN --mount=type=bind,from=HOST/app:1@D,target=/a [\"/a\"]\n",
    ),
    case(
        "a heredoc",
        DOCKERFILE,
        "FROM HOST/app:1\nCOPY <<EOF /a\nFROM HOST/app:1\nEOF\n",
        "FROM HOST/app:1@D\nCOPY <<EOF /a\nFROM HOST/app:1\nEOF\n",
    ),
    case("lower case, over two lines", DOCKERFILE, "from \\\n  HOST/app:1\n", "from \\\n  HOST/app:1@D\n"),
    case(
        "a pod",
        "pod.yaml",
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: HOST/app:1\n",
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: HOST/app:1@D\n",
    ),
    case(
        "a workflow's container",
        ".github/workflows/ci.yml",
        "on: push\njobs:\n  a:\n    runs-on: x\n    container: HOST/app:1\n    steps: []\n",
        "on: push\njobs:\n  a:\n    runs-on: x\n    container: HOST/app:1@D\n    steps: []\n",
    ),
];
