//! Files pinned against a real registry: what they name afterwards is what others pull.

use crate::parts;
use crate::program::{Plimsoll, array, parse, text};

/// Pushes the image under a name of its own, by skopeo, and gives what skopeo says its digest is.
fn pushed(name: &str) -> (String, String) {
    let repository = format!("{}/e2e/{name}", parts::registry());
    let to = format!("docker://{repository}:1.4.2");
    let layout = format!("oci:{}:latest", parts::image().join("layout").display());
    parts::skopeo(&["copy", "--quiet", "--dest-tls-verify=false", &layout, &to]);
    let inspected = parts::skopeo(&["inspect", "--tls-verify=false", "--format={{.Digest}}", &to]);
    (repository, String::from_utf8_lossy(&inspected.stdout).trim().to_owned())
}

#[test]
fn what_is_pinned_is_what_skopeo_and_docker_pull() {
    let (repository, digest) = pushed("pinned");
    let folder = parts::folder("pin");
    let file = folder.join("src/compose.yaml");
    std::fs::create_dir_all(folder.join("src")).expect("a folder");
    let before = format!("# keep\r\nservices:\r\n  a: {{image: \"{repository}:1.4.2\"}}\r\n");
    std::fs::write(&file, &before).expect("a text");
    let plimsoll = Plimsoll::cold(&folder);
    let source = folder.join("src").display().to_string();
    plimsoll.document(&["pin", &source]);
    let pinned = format!("{repository}:1.4.2@{digest}");
    let after = std::fs::read_to_string(&file).expect("the text");
    assert_eq!(after, before.replace(&format!("{repository}:1.4.2"), &pinned));
    let by_digest = format!("docker://{repository}@{digest}");
    parts::skopeo(&["inspect", "--tls-verify=false", "--raw", &by_digest]);
    parts::docker(&["pull", "--quiet", &pinned]);
    assert_eq!(plimsoll.ask(&["pin", "--check", &source]).code, 0);
}

#[test]
fn what_is_gone_is_found_by_a_check() {
    let (repository, _) = pushed("gone");
    let folder = parts::folder("pin-gone");
    let file = folder.join("compose.yaml");
    let gone = format!("sha256:{}", "0".repeat(64));
    std::fs::write(&file, format!("services: {{a: {{image: \"{repository}:1.4.2@{gone}\"}}}}\n")).expect("a text");
    let answer = Plimsoll::cold(&folder).ask(&["pin", "--check", "--json", &file.display().to_string()]);
    assert_eq!(answer.code, 1, "{}", answer.talk);
    let report = parse(&answer.out);
    assert_eq!(text(&array(&report["files"])[0]["references"][0]["outcome"]), "broken");
}

#[test]
fn a_newer_version_is_found_among_the_tags_of_a_real_registry() {
    let (repository, digest) = pushed("newer");
    let layout = format!("oci:{}:latest", parts::image().join("layout").display());
    parts::skopeo(&["copy", "--quiet", "--dest-tls-verify=false", &layout, &format!("docker://{repository}:1.4.9")]);
    let folder = parts::folder("pin-newer");
    let file = folder.join("compose.yaml");
    std::fs::write(&file, format!("services: {{a: {{image: \"{repository}:1.4.2@{digest}\"}}}}\n")).expect("a text");
    Plimsoll::cold(&folder).document(&["pin", "--update", "--allow", "patch", &file.display().to_string()]);
    let after = std::fs::read_to_string(&file).expect("the text");
    assert!(after.contains(&format!("{repository}:1.4.9@{digest}")), "{after}");
}

/// What git's own server answers when it is asked for the references of a repository.
fn listed(projects: &std::path::Path, repository: &str) -> Vec<u8> {
    let mut command = std::process::Command::new("git");
    command.arg("http-backend").env("GIT_PROJECT_ROOT", projects).env("GIT_HTTP_EXPORT_ALL", "1");
    command.env("REQUEST_METHOD", "GET").env("PATH_INFO", format!("/{repository}/info/refs"));
    command.env("QUERY_STRING", "service=git-upload-pack");
    let answer = command.output().expect("git, of the Debian package git").stdout;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("headers and a body");
    answer[end + 4..].to_vec()
}

#[test]
fn an_action_is_pinned_by_the_commit_of_an_annotated_tag_of_real_git() {
    let folder = parts::folder("pin-git");
    let git = |words: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.arg("-C").arg(folder.join("git/o/r")).args(["-c", "user.name=a", "-c", "user.email=a@example.org"]);
        let output = command.args(words).output().expect("git, of the Debian package git");
        assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    std::fs::create_dir_all(folder.join("git/o/r")).expect("a folder");
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "--message=one"]);
    git(&["tag", "--annotate", "--message=four", "v4"]);
    git(&["commit", "--quiet", "--allow-empty", "--message=two"]);
    let commit = git(&["rev-parse", "v4^{commit}"]);
    assert_ne!(commit, git(&["rev-parse", "v4"]));
    let server = testkit::Files::default();
    let list = listed(&folder.join("git"), "o/r");
    server.put("o/r/info/refs", list, testkit::Tag::None);
    let file = folder.join("action.yml");
    std::fs::write(&file, "runs:\n  steps:\n    - uses: o/r@v4\n").expect("a text");
    let path = file.display().to_string();
    Plimsoll::cold(&folder).document(&["pin", "--git-server", &server.url(), &path]);
    let after = std::fs::read_to_string(&file).expect("the text");
    assert_eq!(after, format!("runs:\n  steps:\n    - uses: o/r@{commit} # v4\n"));
}
