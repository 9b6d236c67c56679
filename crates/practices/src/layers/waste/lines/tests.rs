use super::*;
use sources::dockerfile::Dockerfile;

/// `layer: line` of each layer, then base and misfit. `-` before an entry says that it made no layer.
fn said(history: &[&str], text: &str, target: Option<&str>) -> String {
    let entry = |text: &&str| match text.strip_prefix("- ") {
        Some(text) => format!(r#"{{"created_by":{},"empty_layer":true}}"#, quoted(text)),
        None => format!(r#"{{"created_by":{}}}"#, quoted(text)),
    };
    let entries: Vec<String> = history.iter().map(entry).collect();
    let config = ImageConfig::parse(format!(r#"{{"history":[{}]}}"#, entries.join(",")).as_bytes()).unwrap();
    let file = Dockerfile::parse(text).unwrap();
    let evidence = DockerfileEvidence::new("Dockerfile", &file);
    let count = config.instructions().count();
    let lines = Lines::of_dockerfile(Some(&config), count, &evidence, target);
    let line = |blame: &Blame| blame.place.as_ref().map_or("-".to_owned(), |place| place.line.to_string());
    let numbers: Vec<String> = lines.layers.iter().map(line).collect();
    let base = lines.base.map_or("?".to_owned(), |base| base.to_string());
    let misfit = lines.misfit.map_or(String::new(), |why| format!("; {why}"));
    format!("{}: {} base {base}{misfit}", lines.known.word(), numbers.join(" "))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

const DEBIAN: [&str; 2] = ["/bin/sh -c #(nop) ADD file:1f in / ", "- /bin/sh -c #(nop)  CMD [\"bash\"]"];

/// What BuildKit itself wrote (testdata/buildkit/README.md).
#[test]
fn a_real_builds_history() {
    let config = ImageConfig::parse(include_bytes!("../../../../../../testdata/buildkit/image.json")).unwrap();
    let file = Dockerfile::parse(include_str!("../../../../../../testdata/buildkit/Dockerfile")).unwrap();
    let evidence = DockerfileEvidence::new("Dockerfile", &file);
    let lines = Lines::of_dockerfile(Some(&config), 9, &evidence, None);
    let numbers: Vec<u32> = lines.layers.iter().filter_map(|b| b.place.as_ref().map(|p| p.line)).collect();
    assert_eq!(numbers, [4, 13, 16, 18, 20, 24, 29, 30, 34]);
    assert_eq!((lines.base, lines.misfit), (Some(0), None));
    // A shell of its own and build arguments leave the history without a command that can be told apart.
    assert_eq!(lines.layers[3].text.as_deref(), Some("RUN chmod 755 /opt/tools/tool"));
}

#[test]
fn buildkits_history() {
    let history = [
        DEBIAN[0],
        DEBIAN[1],
        "- ENV A=1",
        "RUN |1 V=2 /bin/sh -c apt-get update &&     apt-get install -y curl # buildkit",
        "WORKDIR /app",
        "COPY . /app # buildkit",
        "RUN /bin/bash -o pipefail -c make | tee log # buildkit",
        "- CMD [\"node\"]",
    ];
    let text = "FROM debian\nENV A=1\nARG V\nRUN apt-get update && \\\n    apt-get install -y curl\nWORKDIR /app\n\
                COPY . /app\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN make | tee log\nCMD [\"node\"]\n";
    assert_eq!(said(&history, text, None), "dockerfile: - 4 6 7 9 base 1");
}

#[test]
fn the_classic_builders_history() {
    let history = [
        DEBIAN[0],
        DEBIAN[1],
        "/bin/sh -c make",
        "/bin/sh -c #(nop) COPY dir:ab12 in /app ",
        "|1 V=2 /bin/sh -c make test",
    ];
    let text = "FROM debian\nRUN make\nCOPY src /app\nARG V=2\nRUN make test\n";
    assert_eq!(said(&history, text, None), "dockerfile: - 2 3 5 base 1");
}

#[test]
fn buildahs_history() {
    let history = [DEBIAN[0], DEBIAN[1], "/bin/sh -c apk add curl|unsetLabel=true"];
    assert_eq!(said(&history, "FROM alpine\nRUN apk add curl\n", None), "dockerfile: - 2 base 1");
}

#[test]
fn stages_that_build_on_each_other() {
    let history = ["RUN /bin/sh -c a # buildkit", "RUN /bin/sh -c b # buildkit", "COPY /x /y # buildkit"];
    let text =
        "FROM scratch AS base\nRUN a\nFROM debian AS tools\nRUN other\nFROM base\nRUN b\nCOPY --from=tools /x /y\n";
    assert_eq!(said(&history, text, None), "dockerfile: 2 6 7 base 0");
    assert_eq!(said(&history[..1], text, Some("BASE")), "dockerfile: 2 base 0");
    assert_eq!(said(&history, text, Some("x")), "history: - - - base ?; no stage is called `x`");
}

#[test]
fn heredocs() {
    let history = [
        "RUN /bin/sh -c set -e\nmake\n # buildkit",
        "RUN /bin/sh -c cat <<A > /x\none\nA # buildkit",
        "COPY <<EOF /etc/x # buildkit",
    ];
    let text = "FROM scratch\nRUN <<EOF\nset -e\nmake\nEOF\nRUN cat <<A > /x\none\nA\nCOPY <<EOF /etc/x\nhello\nEOF\n";
    assert_eq!(said(&history, text, None), "dockerfile: 2 6 9 base 0");
}

#[test]
fn the_same_instruction_twice_is_two() {
    let history = [DEBIAN[0], "RUN /bin/sh -c make # buildkit", "RUN /bin/sh -c make # buildkit"];
    assert_eq!(said(&history, "FROM debian\nRUN make\nRUN make\n", None), "dockerfile: - 2 3 base 1");
    // The base was built the same way.
    assert_eq!(said(&history, "FROM debian\nRUN make\n", None), "dockerfile: - - 2 base 2");
}

#[test]
fn another_images_dockerfile() {
    let history = [DEBIAN[0], "RUN /bin/sh -c make # buildkit"];
    let text = "FROM debian\nRUN make\nRUN make install\n";
    let expected = "dockerfile: - 2 base ?; the image's history has no entry for the RUN of line 3";
    assert_eq!(said(&history, text, None), expected);
    let other = "FROM debian\nRUN cmake\n";
    let expected = "history: - - base ?; the image's history has no entry for the RUN of line 2";
    assert_eq!(said(&history, other, None), expected);
}

#[test]
fn what_is_only_a_base() {
    assert_eq!(said(&DEBIAN, "FROM debian\nENTRYPOINT [\"x\"]\n", None), "history: - base 1");
}

#[test]
fn provenances_lines() {
    let file = Dockerfile::parse("FROM debian\nRUN a && \\\n  b\n\nCOPY x /x\n").unwrap();
    let evidence = DockerfileEvidence::new("Dockerfile", &file);
    let lines = Lines::of_provenance(None, &[Some((1, 1)), Some((2, 3)), None, Some((5, 5))], &evidence);
    let places: Vec<Option<u32>> = lines.layers.iter().map(|b| b.place.as_ref().map(|p| p.line)).collect();
    assert_eq!(places, [None, Some(2), None, Some(5)]);
    assert_eq!((lines.known, lines.base), (Known::Provenance, Some(1)));
}
