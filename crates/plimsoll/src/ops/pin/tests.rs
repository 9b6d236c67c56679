//! `pin` over files of its own, with answers that are written down.

use super::*;
use crate::ops::Agreement;
use practices::Policy;
use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

/// Answers by `registry/repository:tag` or `@digest`; what is not written down fails.
#[derive(Default)]
struct Scripted {
    answers: BTreeMap<String, Result<Known, Trouble>>,
    tags: BTreeMap<String, Vec<String>>,
    /// Commits by `owner/repository@ref`; what is not written down is not there.
    commits: BTreeMap<String, String>,
    asked: RefCell<Vec<String>>,
}

impl Oracle for Scripted {
    fn ask(&self, references: &[Reference], _: Option<&Platform>, _: bool) -> Vec<Result<Known, Trouble>> {
        let one = |reference: &Reference| {
            self.asked.borrow_mut().push(reference.as_typed().to_owned());
            let none = || Err(Trouble::Failed("the registry does not answer".to_owned()));
            self.answers.get(reference.as_typed()).cloned().unwrap_or_else(none)
        };
        references.iter().map(one).collect()
    }

    fn tags(&self, reference: &Reference) -> Result<Vec<String>, String> {
        self.tags.get(&reference.name()).cloned().ok_or_else(|| "no tags".to_owned())
    }

    fn commit(&self, action: &Action) -> Result<String, Trouble> {
        let key = format!("{}@{}", action.repository, action.version);
        self.asked.borrow_mut().push(key.clone());
        self.commits.get(&key).cloned().ok_or_else(|| Trouble::Absent(format!("no `{key}`")))
    }
}

fn digest(of: &str) -> Digest {
    Digest::of(of.as_bytes())
}

impl Scripted {
    /// The reference names the digest of `image`, whose platform's image is that of `child`.
    fn knows(mut self, reference: &str, image: &str, child: &str) -> Self {
        let known = Known {
            digest: digest(image),
            chosen: Some(digest(child)),
            agreement: None,
            once: false,
            broken: Vec::new(),
            unseen: Vec::new(),
            mirror: None,
        };
        self.answers.insert(reference.to_owned(), Ok(known));
        self
    }

    fn says(mut self, reference: &str, change: impl FnOnce(&mut Known)) -> Self {
        if let Some(Ok(known)) = self.answers.get_mut(reference) {
            change(known);
        }
        self
    }

    fn lacks(mut self, reference: &str) -> Self {
        self.answers.insert(reference.to_owned(), Err(Trouble::Absent("there is no such thing".to_owned())));
        self
    }
}

/// A folder with a `compose.yaml` of these images.
fn folder(images: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let services: String = images.iter().enumerate().map(|(n, i)| format!("  s{n}:\n    image: \"{i}\"\n")).collect();
    fs::write(dir.path().join("compose.yaml"), format!("services:\n{services}")).unwrap();
    dir
}

fn job(mode: Mode, oracle: &dyn Oracle) -> Job<'_> {
    let in_use = Platform::linux("amd64");
    Job { mode, dry: false, platform: None, in_use, offline: false, oracle, commits: BTreeMap::new() }
}

fn run(dir: &Path, job: &Job<'_>, policy: &str) -> Report {
    let policy = Policy::parse(policy).unwrap();
    pin(gather(&[PathBuf::from(".")], dir, &policy.pin), job)
}

/// What became of each reference, digests by the words they are made from.
fn fates(report: &Report, words: &[&str]) -> Vec<String> {
    let shown = report.files.iter().flat_map(|f| &f.places).map(|p| format!("{:?}", p.fate));
    let short = |text: String| words.iter().fold(text, |text, word| text.replace(&digest(word).to_string(), word));
    shown.map(short).collect()
}

const NGINX: &str = "docker.io/library/nginx:1.27";

#[test]
fn each_reference_is_asked_for_once_and_put_everywhere() {
    let oracle = Scripted::default().knows(NGINX, "n", "c");
    let dir = folder(&["nginx:1.27", "docker.io/nginx:1.27"]);
    fs::create_dir(dir.path().join("k8s")).unwrap();
    let pod = "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: 'nginx:1.27'}]}\n";
    fs::write(dir.path().join("k8s/pod.yaml"), pod).unwrap();
    let report = run(dir.path(), &job(Mode::Pin, &oracle), "");
    assert_eq!((report.exit_code(), oracle.asked.borrow().len()), (0, 1));
    let text = fs::read_to_string(dir.path().join("compose.yaml")).unwrap();
    let n = digest("n");
    assert!(text.contains(&format!("\"nginx:1.27@{n}\"")) && text.contains(&format!("\"docker.io/nginx:1.27@{n}\"")));
    let after = fs::read_to_string(dir.path().join("k8s/pod.yaml")).unwrap();
    assert_eq!(after, pod.replace("1.27", &format!("1.27@{n}")));
    let again = run(dir.path(), &job(Mode::Pin, &oracle), "");
    assert!(again.files.iter().all(|f| f.after.is_none()));
}

#[test]
fn a_registry_that_fails_is_never_a_success_and_the_rest_is_done() {
    let oracle = Scripted::default().knows(NGINX, "n", "c");
    let dir = folder(&["nginx:1.27", "r.example/x:1"]);
    let report = run(dir.path(), &job(Mode::Pin, &oracle), "");
    assert_eq!(report.exit_code(), 2);
    assert_eq!(fates(&report, &["n"]), [r#"Pinned("n")"#, r#"Failed("the registry does not answer")"#]);
    assert!(fs::read_to_string(dir.path().join("compose.yaml")).unwrap().contains("nginx:1.27@sha256:"));
}

#[test]
fn one_platform_alone() {
    let oracle = Scripted::default().knows(NGINX, "n", "c");
    let dir = folder(&["nginx:1.27"]);
    let platform = Some(Platform::linux("arm64"));
    let report = run(dir.path(), &Job { platform, ..job(Mode::Pin, &oracle) }, "");
    assert_eq!(fates(&report, &["c"]), [r#"Pinned("c")"#]);
}

#[test]
fn ones_own_images_are_left_alone() {
    let oracle = Scripted::default();
    let dir = folder(&["r.example/team/a:1", "app"]);
    let report = run(dir.path(), &job(Mode::Pin, &oracle), "[pin]\nown = [\"r.example/team/*\", \"app\"]\n");
    assert_eq!((report.exit_code(), oracle.asked.borrow().len()), (0, 0));
    assert_eq!(fates(&report, &[]), [r#"Left("a build gives its result this name")"#; 2]);
}

#[test]
fn a_diff_writes_nothing() {
    let oracle = Scripted::default().knows(NGINX, "n", "c");
    let dir = folder(&["nginx:1.27"]);
    let before = fs::read_to_string(dir.path().join("compose.yaml")).unwrap();
    let report = run(dir.path(), &Job { dry: true, ..job(Mode::Pin, &oracle) }, "");
    assert!(report.files[0].after.is_some());
    assert_eq!(fs::read_to_string(dir.path().join("compose.yaml")).unwrap(), before);
}

#[test]
fn a_check_changes_nothing_and_finds_what_is_wrong() {
    let (a, b, c, d) = (digest("a"), digest("b"), digest("c"), digest("d"));
    let names: Vec<String> = vec![
        format!("r.example/a:1@{a}"),
        format!("r.example/b:1@{b}"),
        format!("r.example/c:1@{c}"),
        format!("r.example/d:1@{d}"),
    ];
    let oracle = Scripted::default()
        .knows(&names[0], "a", "c")
        .says(&names[0], |k| k.agreement = Some(Agreement::Same))
        .knows(&names[1], "b", "c")
        .says(&names[1], |k| k.agreement = Some(Agreement::Moved(digest("x"))))
        .lacks(&names[2])
        .knows(&names[3], "d", "c")
        .says(&names[3], |k| k.broken = vec!["manifest X is there: no".to_owned()]);
    let mut images: Vec<&str> = names.iter().map(String::as_str).collect();
    images.push("r.example/e:1");
    let dir = folder(&images);
    let report = run(dir.path(), &Job { dry: true, ..job(Mode::Check, &oracle) }, "");
    assert_eq!(
        fates(&report, &["x"]),
        [
            "Kept",
            r#"Unsure("the tag names x now; whether it ever named this digest is not known")"#,
            r#"Broken("there is no such thing")"#,
            r#"Broken("manifest X is there: no")"#,
            "Unpinned",
        ]
    );
    assert_eq!(report.exit_code(), 1);
}

#[test]
fn a_tag_that_may_never_have_named_its_digest_does_not_pass() {
    let name = format!("r.example/a:1@{}", digest("a"));
    let check = |change: fn(&mut Known), expected: &str, code: u8| {
        let oracle = Scripted::default().knows(&name, "a", "c").says(&name, change);
        let report = run(folder(&[&name]).path(), &Job { dry: true, ..job(Mode::Check, &oracle) }, "");
        assert_eq!((fates(&report, &["x"]), report.exit_code()), (vec![expected.to_owned()], code));
    };
    let unknown = "whether it ever named this digest is not known";
    check(|k| k.agreement = Some(Agreement::Same), "Kept", 0);
    check(
        |k| k.agreement = Some(Agreement::Gone),
        &format!("Unsure(\"the tag is gone, the digest still there; {unknown}\")"),
        3,
    );
    check(
        |k| k.agreement = Some(Agreement::Moved(digest("x"))),
        &format!("Unsure(\"the tag names x now; {unknown}\")"),
        3,
    );
    check(
        |k| (k.agreement, k.once) = (Some(Agreement::Moved(digest("x"))), true),
        "Moved(\"the tag names x now; the ledger saw that it named this digest\")",
        0,
    );
    let part = |k: &mut Known| {
        let platform = Some(Platform::linux("arm64"));
        k.agreement = Some(Agreement::Part { index: digest("x"), platform });
    };
    check(part, "Narrow(\"pinned for linux/arm64 alone; the tag names the index x\")", 0);
    check(|k| k.unseen = vec!["manifest X is there: 503".to_owned()], "Unsure(\"manifest X is there: 503\")", 3);
}

#[test]
fn a_check_offline_asks_nobody() {
    let oracle = Scripted::default();
    let dir = folder(&["r.example/e:1", &format!("r.example/a:1@{}", digest("a"))]);
    let report = run(dir.path(), &Job { offline: true, ..job(Mode::Check, &oracle) }, "");
    assert_eq!((fates(&report, &[]), oracle.asked.borrow().len()), (vec!["Unpinned".to_owned(), "Kept".to_owned()], 0));
}

#[test]
fn an_update_follows_the_tag_only_if_what_is_used_changed() {
    let old = digest("old");
    let image = format!("nginx:1.27@{old}");
    let by_digest = format!("docker.io/library/nginx@{old}");
    let same = Scripted::default().knows(NGINX, "new", "c").knows(&by_digest, "old", "c");
    let dir = folder(&[&image]);
    let report = run(dir.path(), &job(Mode::Update(None), &same), "");
    assert_eq!(fates(&report, &["new"]), [r#"Moved("moved to new, the same for linux/amd64")"#]);
    let other = Scripted::default().knows(NGINX, "new", "c2").knows(&by_digest, "old", "c");
    let report = run(dir.path(), &job(Mode::Update(None), &other), "");
    assert_eq!(fates(&report, &["new"]), [r#"Pinned("new")"#]);
    let text = fs::read_to_string(dir.path().join("compose.yaml")).unwrap();
    assert!(text.contains(&format!("nginx:1.27@{}", digest("new"))));
    let again = run(dir.path(), &job(Mode::Update(None), &other), "");
    assert_eq!(fates(&again, &[]), ["Kept"]);
}

#[test]
fn an_update_goes_to_a_newer_version_within_what_is_allowed() {
    let old = digest("old");
    let mut oracle = Scripted::default().knows("docker.io/library/nginx:1.27.3-alpine", "new", "c");
    let tags = ["1.27.3-alpine", "1.27.9", "1.28.0-alpine", "1.27.1-alpine"];
    oracle.tags.insert("docker.io/library/nginx".to_owned(), tags.map(str::to_owned).to_vec());
    let dir = folder(&[&format!("nginx:1.27.1-alpine@{old}")]);
    let report = run(dir.path(), &job(Mode::Update(Some(Allow::Patch)), &oracle), "");
    assert_eq!(report.exit_code(), 0);
    let text = fs::read_to_string(dir.path().join("compose.yaml")).unwrap();
    assert!(text.contains(&format!("\"nginx:1.27.3-alpine@{}\"", digest("new"))), "{text}");
}

/// A workflow with these steps, in a folder of its own.
fn workflow(uses: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join(".github/workflows")).unwrap();
    let file = dir.path().join(".github/workflows/ci.yml");
    let steps: String = uses.iter().map(|uses| format!("    - uses: {uses}\n")).collect();
    fs::write(&file, format!("jobs:\n  a:\n    steps:\n{steps}")).unwrap();
    (dir, file)
}

#[test]
fn actions_are_pinned_by_a_commit_that_is_given_else_by_the_git_servers() {
    let (dir, file) = workflow(&["o/r@v1", "o/s/sub@v2", "o/t@v3", "o/u@bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"]);
    let mut oracle = Scripted::default();
    oracle.commits.insert("o/s@v2".to_owned(), "c".repeat(40));
    let action = Action { repository: "o/r".to_owned(), version: "v1".to_owned() };
    let commits = BTreeMap::from([(action, "a".repeat(40))]);
    let report = run(dir.path(), &Job { commits, ..job(Mode::Pin, &oracle) }, "");
    let (a, b, c) = ("a".repeat(40), "b".repeat(40), "c".repeat(40));
    let steps =
        format!("    - uses: o/r@{a} # v1\n    - uses: o/s/sub@{c} # v2\n    - uses: o/t@v3\n    - uses: o/u@{b}\n");
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("jobs:\n  a:\n    steps:\n{steps}"));
    assert_eq!(*oracle.asked.borrow(), ["o/s@v2", "o/t@v3"]);
    let fates: Vec<&Fate> = report.files[0].places.iter().map(|place| &place.fate).collect();
    assert!(matches!(fates[2], Fate::Failed(why) if why == "no `o/t@v3`"), "{fates:?}");
    assert_eq!((fates[3], report.exit_code()), (&Fate::Kept, 2));
}

#[test]
fn no_git_server_is_asked_offline() {
    let (dir, _) = workflow(&["o/r@v1"]);
    let oracle = Scripted::default();
    let report = run(dir.path(), &Job { offline: true, ..job(Mode::Pin, &oracle) }, "");
    assert!(matches!(&report.files[0].places[0].fate, Fate::Left(why) if why.contains("--actions")));
    assert_eq!((oracle.asked.borrow().len(), report.exit_code()), (0, 0));
}

#[test]
fn what_git_ignores_and_links_are_left_out() {
    let dir = folder(&["nginx:1.27"]);
    let put = |path: &str, text: &str| {
        fs::create_dir_all(dir.path().join(path).parent().unwrap()).unwrap();
        fs::write(dir.path().join(path), text).unwrap();
    };
    let compose = "services: {a: {image: x}}\n";
    put(".gitignore", "ignored/\n");
    put(".plimsollignore", "fixtures/\n");
    put("ignored/compose.yaml", compose);
    put("fixtures/compose.yaml", compose);
    put(".git/compose.yaml", compose);
    put("README.md", "image: x\n");
    let outside = folder(&["x"]);
    std::os::unix::fs::symlink(outside.path(), dir.path().join("link")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("compose.yaml"), dir.path().join("docker-compose.yaml")).unwrap();
    let found = gather(&[PathBuf::from(".")], dir.path(), &practices::PinPolicy::default());
    let paths: Vec<&str> = found.texts.iter().map(|t| t.path.as_str()).collect();
    assert_eq!((paths, found.unread.len()), (vec!["compose.yaml"], 0));
    let named = gather(&[PathBuf::from("docker-compose.yaml")], dir.path(), &practices::PinPolicy::default());
    assert!(named.texts.is_empty() && named.unread[0].why.contains("not followed"));
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_the_rest_is_done() {
    let oracle = Scripted::default().knows(NGINX, "n", "c");
    let dir = folder(&["nginx:1.27"]);
    fs::write(dir.path().join("docker-compose.yml"), "services: [\n").unwrap();
    fs::write(dir.path().join("values.yaml"), [0xff, 0xfe]).unwrap();
    let report = run(dir.path(), &job(Mode::Pin, &oracle), "");
    assert_eq!((report.exit_code(), report.unread.len()), (2, 2));
    assert!(report.files[0].after.is_some());
}

#[test]
fn patterns_of_the_policy_find_images() {
    let oracle = Scripted::default().knows(NGINX, "n", "c");
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("web.container"), "[Container]\nImage=nginx:1.27\n").unwrap();
    let policy = "[[pin.patterns]]\nfiles = \"**/*.container\"\nimage = '^Image=(?<image>\\S+)'\n";
    let report = run(dir.path(), &job(Mode::Pin, &oracle), policy);
    assert_eq!(report.files.len(), 1);
    let text = fs::read_to_string(dir.path().join("web.container")).unwrap();
    assert_eq!(text, format!("[Container]\nImage=nginx:1.27@{}\n", digest("n")));
}
