use super::*;
use facts::{Entry, Kind, Limits, Nature, assemble_in_full};
use model::oci::ImageConfig;
use model::{Digest, Sha256, TreePath};
use sources::apply;

/// `path content mode owner`, `path/` for a directory, or `- path` for a whiteout.
fn layer(entries: &[&str]) -> LayerFacts {
    let one = |text: &&str| {
        let words: Vec<&str> = text.split(' ').collect();
        let (kind, path) = match words[0] {
            "-" => (Kind::Whiteout, words[1]),
            path if path.ends_with('/') => (Kind::Directory, path),
            path => (Kind::File, path),
        };
        let content = if kind == Kind::File { words[1] } else { "" };
        let owner = words.get(3).map_or(0, |owner| owner.parse().unwrap());
        let mode = words.get(2).and_then(|mode| u32::from_str_radix(mode, 8).ok()).unwrap_or(0o644);
        Entry {
            path: TreePath::clean(path.as_bytes()).unwrap(),
            size: if kind == Kind::File { 1_000_000 } else { 0 },
            kind,
            mode,
            uid: owner,
            gid: owner,
            mtime: 0,
            sha256: Some(Sha256::of(content.as_bytes())),
            capability: false,
            nature: Nature::Plain,
        }
    };
    let entries = entries.iter().map(one).collect();
    LayerFacts { diff_id: Digest::of(b"x"), plain_size: 0, entries, kept: Vec::new(), unknowns: Vec::new() }
}

/// The advice on an image whose base is one layer, built from this Dockerfile by instructions that brought these files;
/// then the file after the safe edits, if there are any.
fn said(text: &str, history: &[&str], layers: &[&[&str]]) -> String {
    let entries = history.iter().map(|h| format!(r#"{{"created_by":"{h} # buildkit"}}"#)).collect::<Vec<_>>().join(",");
    let base = r#"{"created_by":"/bin/sh -c #(nop) ADD file:1f in / "}"#;
    let config = ImageConfig::parse(format!(r#"{{"history":[{base},{entries}]}}"#).as_bytes()).unwrap();
    let mut all = vec![layer(&["usr/ x 755", "etc/base base"])];
    all.extend(layers.iter().map(|entries| layer(entries)));
    let (facts, wasted) = assemble_in_full(&all, Vec::new(), &Limits::default());
    let file = Dockerfile::parse(text).unwrap();
    let evidence = DockerfileEvidence::new("Dockerfile", &file);
    let lines = Lines::of_dockerfile(Some(&config), all.len(), &evidence, None);
    let base = lines.base.expect("the file is the image's");
    let scene = Scene { facts: &facts, layers: &all, wasted: &wasted, lines: &lines, file: Some(&evidence), base };
    let advice = advise(&scene);
    let mut out: Vec<String> = Vec::new();
    for one in &advice {
        let group = &facts.waste[one.group];
        let line = lines.layers[group.layer as usize].place.as_ref().map_or(0, |place| place.line);
        out.push(format!("line {line}, {} saves {}: {}", group.cause.word(), one.saves, one.remedy));
    }
    let (edits, _) = edits(&file, &advice);
    if !edits.is_empty() {
        out.push(apply(text, &edits).unwrap());
    }
    out.join("\n")
}

#[test]
fn lists_that_stay_are_removed_where_they_came() {
    insta::assert_snapshot!(said(
        "FROM debian\nRUN apt-get update && apt-get install -y curl\n# kept\nCMD [\"curl\"]\n",
        &["RUN /bin/sh -c apt-get update && apt-get install -y curl"],
        &[&["var/lib/apt/lists/a a", "var/cache/apt/pkgcache.bin b", "usr/bin/curl c"]],
    ), @r#"
    line 2, package-cache saves 2000000: end the RUN with `&& rm -rf /var/cache/apt/* /var/lib/apt/lists/*`
    FROM debian
    RUN apt-get update && apt-get install -y curl && rm -rf /var/cache/apt/* /var/lib/apt/lists/*
    # kept
    CMD ["curl"]
    "#);
}

#[test]
fn a_cleanup_in_a_later_layer() {
    insta::assert_snapshot!(said(
        "FROM debian\nRUN apt-get update && \\\n    apt-get install -y curl\nRUN rm -rf /var/lib/apt/lists/*\n",
        &["RUN /bin/sh -c apt-get update && apt-get install -y curl", "RUN /bin/sh -c rm -rf /var/lib/apt/lists/*"],
        &[&["var/lib/apt/lists/a a"], &["- var/lib/apt/lists/a"]],
    ), @r"
    line 2, package-cache saves 1000000: end the RUN with `&& rm -rf /var/lib/apt/lists/*`
    FROM debian
    RUN apt-get update && \
        apt-get install -y curl \
        && rm -rf /var/lib/apt/lists/*
    RUN rm -rf /var/lib/apt/lists/*
    ");
}

#[test]
fn two_tools_in_one_run_are_one_edit() {
    insta::assert_snapshot!(said(
        "FROM debian\nRUN apt-get update && apt-get install -y pip && pip install x\n",
        &["RUN /bin/sh -c apt-get update && apt-get install -y pip && pip install x"],
        &[&["var/lib/apt/lists/a a", "root/.cache/pip/x b"]],
    ), @r"
    line 2, package-cache saves 1000000: end the RUN with `&& rm -rf /var/lib/apt/lists/*`
    line 2, package-cache saves 1000000: end the RUN with `&& rm -rf /root/.cache/pip`
    FROM debian
    RUN apt-get update && apt-get install -y pip && pip install x && rm -rf /var/lib/apt/lists/* /root/.cache/pip
    ");
}

#[test]
fn lists_that_a_later_run_needs_stay() {
    insta::assert_snapshot!(said(
        "FROM debian\nRUN apt-get update\nRUN apt-get install -y curl\n",
        &["RUN /bin/sh -c apt-get update", "RUN /bin/sh -c apt-get install -y curl"],
        &[&["var/lib/apt/lists/a a"], &["usr/bin/curl c"]],
    ), @"line 2, package-cache saves 1000000: end the same `RUN` with `apt-get clean && rm -rf /var/lib/apt/lists/*`, or mount a cache on /var/cache/apt and /var/lib/apt");
    // Where the later one removes without `-f`, nothing would be left for it.
    insta::assert_snapshot!(said(
        "FROM debian\nRUN apt-get update\nRUN rm /var/lib/apt/lists/a\n",
        &["RUN /bin/sh -c apt-get update", "RUN /bin/sh -c rm /var/lib/apt/lists/a"],
        &[&["var/lib/apt/lists/a a"], &["- var/lib/apt/lists/a"]],
    ), @"line 2, package-cache saves 1000000: end the same `RUN` with `apt-get clean && rm -rf /var/lib/apt/lists/*`, or mount a cache on /var/cache/apt and /var/lib/apt");
}

#[test]
fn a_run_that_nothing_can_be_put_on() {
    for run in [
        "RUN apk add curl;",
        "RUN exec apk add curl",
        "RUN [\"apk\", \"add\", \"curl\"]",
        "RUN <<EOF\napk add curl\nEOF",
    ] {
        let command = if run.contains("exec") { "exec apk add curl" } else { "apk add curl" };
        let history = format!("RUN /bin/sh -c {command}{}", if run.ends_with(';') { ";" } else { "" });
        let said = said(&format!("FROM alpine\n{run}\n"), &[&history], &[&["var/cache/apk/x a"]]);
        assert_eq!(said, "line 2, package-cache saves 1000000: run `apk add --no-cache` instead of `apk add`", "{run}");
    }
}

#[test]
fn a_mode_that_the_copy_can_give() {
    insta::assert_snapshot!(said(
        "FROM debian\nCOPY tool /usr/bin/tool\nLABEL a=b\nRUN chmod +x /usr/bin/tool\nCMD [\"tool\"]\n",
        &["COPY tool /usr/bin/tool", "LABEL a=b", "RUN /bin/sh -c chmod +x /usr/bin/tool"],
        &[&["usr/bin/tool t 644"], &[], &["usr/bin/tool t 755"]],
    ), @r#"
    line 2, metadata-only saves 1000000: write `COPY --chmod=755` and take out the RUN of line 4
    FROM debian
    COPY --chmod=755 tool /usr/bin/tool
    LABEL a=b
    CMD ["tool"]
    "#);
    insta::assert_snapshot!(said(
        "FROM debian\nCOPY --link tool /usr/bin/\nRUN chown app:app /usr/bin/tool\n",
        &["COPY tool /usr/bin/", "RUN /bin/sh -c chown app:app /usr/bin/tool"],
        &[&["usr/ x 755", "usr/bin/tool t 644"], &["usr/ x 755", "usr/bin/tool t 644 7"]],
    ), @"
    line 2, metadata-only saves 1000000: write `COPY --chown=app:app` and take out the RUN of line 3
    FROM debian
    COPY --chown=app:app --link tool /usr/bin/
    ");
}

#[test]
fn an_owner_of_a_whole_folder() {
    let history = ["COPY app /app", "RUN /bin/sh -c chown -R app:app /app"];
    let text = "FROM debian\nCOPY app /app\nRUN chown -R app:app /app\n";
    let brought: &[&str] = &["app/ x 755", "app/lib/ x 755", "app/a a 644", "app/lib/b b 644"];
    let changed: &[&str] = &["app/ x 755 7", "app/lib/ x 755 7", "app/a a 644 7", "app/lib/b b 644 7"];
    insta::assert_snapshot!(said(text, &history, &[brought, changed]), @"
    line 2, metadata-only saves 2000000: write `COPY --chown=app:app` and take out the RUN of line 3
    FROM debian
    COPY --chown=app:app app /app
    ");
    let advice =
        "line 2, metadata-only saves 2000000: give owner and mode where the files come in: `COPY --chown=… --chmod=…`";
    // The folder was there before, and COPY would leave it as it is.
    let with_folder = "FROM debian\nWORKDIR /app\nCOPY app /app\nRUN chown -R app:app /app\n";
    let history = ["WORKDIR /app", history[0], history[1]];
    let advice_there = advice.replace("line 2", "line 3");
    assert_eq!(said(with_folder, &history, &[&["app/ x 755"], brought, changed]), advice_there);
    let history = &history[1..];
    // Something else was changed as well, or not all of it, or the mode too; or no group is given.
    let more = [changed, &["etc/x x"]].concat();
    assert_eq!(said(text, history, &[brought, &more]), advice);
    let some = [brought, &["app/c c"]].concat();
    assert_eq!(said(text, history, &[&some, changed]), advice);
    let modes: Vec<String> = changed.iter().map(|entry| entry.replace("644", "600")).collect();
    let modes: Vec<&str> = modes.iter().map(String::as_str).collect();
    assert_eq!(said(text, history, &[brought, &modes]), advice);
    let user = ["COPY app /app", "RUN /bin/sh -c chown -R app /app"];
    assert_eq!(said(&text.replace("app:app", "app"), &user, &[brought, changed]), advice);
}

#[test]
fn a_mode_that_more_than_the_copy_gets() {
    let advice =
        "line 2, metadata-only saves 1000000: give owner and mode where the files come in: `COPY --chown=… --chmod=…`";
    let history = ["COPY tool /usr/bin/tool", "RUN /bin/sh -c chmod +x /usr/bin/tool"];
    // Two files came in.
    let two: [&[&str]; 2] = [&["usr/bin/tool t", "usr/bin/tool2 u"], &["usr/bin/tool t 755"]];
    let text = "FROM debian\nCOPY tool /usr/bin/tool\nRUN chmod +x /usr/bin/tool\n";
    assert_eq!(said(text, &history, &two), advice);
    // The RUN does more than that.
    let more: [&[&str]; 2] = [&["usr/bin/tool t"], &["usr/bin/tool t 755", "new n"]];
    assert_eq!(said(text, &history, &more), advice);
    // A comment turns a rule off for the RUN.
    let comment = text.replace("RUN", "# plimsoll ignore=PL256 so it is\nRUN");
    assert_eq!(said(&comment, &history, &[&["usr/bin/tool t"], &["usr/bin/tool t 755"]]), advice);
}

#[test]
fn what_only_its_author_can_change() {
    insta::assert_snapshot!(said(
        "FROM debian\nCOPY data.tar /tmp/\nRUN tar -xf /tmp/data.tar && rm /tmp/data.tar\nRUN make\nRUN mv /a /b\nRUN cp /b /c\nRUN make again\n",
        &["COPY data.tar /tmp/", "RUN /bin/sh -c tar -xf /tmp/data.tar && rm /tmp/data.tar", "RUN /bin/sh -c make", "RUN /bin/sh -c mv /a /b", "RUN /bin/sh -c cp /b /c", "RUN /bin/sh -c make again"],
        &[&["tmp/data.tar d"], &["- tmp/data.tar", "x x"], &["a a"], &["- a", "b a"], &["c a"], &["x y"]],
    ), @"
    line 2, deleted saves 1000000: mount what only the build needs, `RUN --mount=type=bind,source=…,target=…`, or copy only the result from a build stage
    line 3, overwritten saves 1000000: write /x once, in one instruction
    line 4, moved saves 1000000: move /a in the instruction that makes it
    line 6, copied saves 1000000: keep one of them: link to it instead of copying (`ln`), /c is in a lower layer too
    ");
}
