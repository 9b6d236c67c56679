//! Whole images that state what they are, or fail to.

use super::*;
use crate::packages::{Reader, Reading, Sight, never_open};
use crate::testing;
use model::Ecosystem;

/// Carries [`wants`] through the test images; what is read goes out as unknowns' text.
static PROBE: Reader = Reader {
    ecosystem: Ecosystem::Program,
    wants,
    open: never_open,
    read: probe,
    sight: Sight { reads: "", sees: "", blind: "" },
};

fn probe(view: &View<'_>, reading: &mut Reading) {
    let (os, unknowns) = read(view);
    let shown = os.map_or("none".to_owned(), |os| {
        let part = |o: &Option<String>| o.clone().unwrap_or("-".into());
        format!(
            "{} like [{}] {} {} {:?} = {} from {} of {}",
            os.id,
            os.id_like.join(" "),
            part(&os.version_id),
            part(&os.codename),
            part(&os.pretty_name),
            os.distro(),
            os.path,
            os.layer
        )
    });
    reading.unknowns.push(Unknown::new(UnknownKind::Unidentified, shown));
    reading.unknowns.extend(unknowns);
    let users = users(view).into_iter().map(|(name, id)| format!("{name}={id}")).collect::<Vec<_>>();
    if !users.is_empty() {
        reading.unknowns.push(Unknown::new(UnknownKind::Unidentified, users.join(" ")));
    }
}

fn show(files: &[(&str, &[u8])]) -> String {
    let reading = testing::read(&PROBE, files);
    reading.unknowns.iter().map(|u| u.to_string().replace("unidentified: ", "")).collect::<Vec<_>>().join("\n")
}

fn check(files: &[(&str, &str)], expected: &str) {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(at, text)| (*at, text.as_bytes())).collect();
    assert_eq!(show(&files), expected);
}

#[test]
fn real_releases() {
    macro_rules! real {
        ($name:literal) => {
            show(&[("etc/os-release", include_bytes!(concat!("../../../../testdata/os/", $name)))])
        };
    }
    insta::assert_snapshot!(real!("debian-12"), @r#"debian like [] 12 bookworm "Debian GNU/Linux 12 (bookworm)" = debian-12 from /etc/os-release of 0"#);
    insta::assert_snapshot!(real!("debian-sid"), @r#"debian like [] - forky "Debian GNU/Linux forky/sid" = debian-forky from /etc/os-release of 0"#);
    insta::assert_snapshot!(real!("alpine-3.20"), @r#"alpine like [] 3.20.3 - "Alpine Linux v3.20" = alpine-3.20.3 from /etc/os-release of 0"#);
    insta::assert_snapshot!(real!("alpine-edge"), @r#"alpine like [] 3.21.0_alpha20240923 - "Alpine Linux edge" = alpine-3.21.0_alpha20240923 from /etc/os-release of 0"#);
}

#[test]
fn links_are_followed() {
    let release = "ID=fedora\nVERSION_ID=38\n";
    let expected = "fedora like [] 38 - \"-\" = fedora-38 from /usr/lib/os.release.d/os-release-fedora of 0";
    check(
        &[
            ("etc/os-release", "-> ../usr/lib/os-release"),
            ("usr/lib/os-release", "-> ./os.release.d/os-release-fedora"),
            ("usr/lib/os.release.d/os-release-fedora", release),
        ],
        expected,
    );
    check(&[("etc/os-release", "-> /etc/os-release")], "none");
    check(
        &[("usr/lib/os-release", "ID=arch\nBUILD_ID=rolling\n")],
        "arch like [] - - \"-\" = arch from /usr/lib/os-release of 0",
    );
}

#[test]
fn older_files() {
    for (at, text, expected) in [
        ("etc/alpine-release", "3.2.3\n", "alpine like [] 3.2.3 - \"-\" = alpine-3.2.3"),
        ("etc/debian_version", "6.0.10\n", "debian like [] 6 - \"-\" = debian-6"),
        ("etc/debian_version", "forky/sid\n", "debian like [] - forky \"-\" = debian-forky"),
        (
            "etc/redhat-release",
            "CentOS release 6.10 (Final)\n",
            "centos like [] 6.10 Final \"CentOS release 6.10 (Final)\" = centos-6.10",
        ),
        (
            "etc/redhat-release",
            "Red Hat Enterprise Linux Server release 5.11 (Tikanga)",
            "rhel like [] 5.11 Tikanga \"Red Hat Enterprise Linux Server release 5.11 (Tikanga)\" = rhel-5.11",
        ),
        (
            "etc/SuSE-release",
            "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n",
            "sles like [] 11.4 - \"-\" = sles-11.4",
        ),
        (
            "etc/lsb-release",
            "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.04\nDISTRIB_CODENAME=lucid\nDISTRIB_DESCRIPTION=\"Ubuntu 10.04 LTS\"\n",
            "ubuntu like [] 10.04 lucid \"Ubuntu 10.04 LTS\" = ubuntu-10.04",
        ),
    ] {
        check(&[(at, text)], &format!("{expected} from /{at} of 0"));
    }
    check(&[("bin/busybox", "\x7fELF")], "busybox like [] - - \"-\" = busybox from /bin/busybox of 0");
    check(&[("bin/busybox", "\x7fELF"), ("lib/apk/db/installed", "P:a\nV:1\n")], "none");
    check(&[("app", "\x7fELF")], "none");
}

#[test]
fn bad_release_files() {
    check(
        &[("etc/os-release", "ID=\"debian\nVERSION_ID=12\n"), ("etc/debian_version", "12.4\n")],
        "debian like [] 12 - \"-\" = debian-12 from /etc/debian_version of 0\n\
         bad-record: a line that is no assignment in /etc/os-release at byte 0",
    );
    check(
        &[("etc/os-release", "NAME=\"Own\"\nVERSION_ID=1\n")],
        "linux like [] 1 - \"-\" = linux-1 from /etc/os-release of 0",
    );
    check(&[("etc/os-release", "")], "none\nbad-record: a release file that states nothing in /etc/os-release");
    let garbage: Vec<u8> = (0..=255).cycle().take(4000).collect();
    assert!(show(&[("etc/os-release", &garbage)]).starts_with("none\nbad-record"));
    let long = vec![b'A'; 70_000];
    assert_eq!(
        show(&[("etc/os-release", &long)]),
        "none\nlimit: a release file of 70000 bytes; at most 65536 are read in /etc/os-release"
    );
}

#[test]
fn users_of_the_image() {
    check(
        &[(
            "etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\n\n# note\n+nis\nbad\nx:y:z:1\napp:x:1000:1000::/:\nbig:x:4294967296:0:::\n",
        )],
        "none\nroot=0 app=1000",
    );
    let many = "u:x:1:1:::\n".repeat(USERS + 5);
    assert_eq!(show(&[("etc/passwd", many.as_bytes())]).matches("u=1").count(), USERS);
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, text in "(ID=|VERSION_ID=|[ -~]|\\n|release |\"){0,100}") {
        for content in [bytes.as_slice(), text.as_bytes()] {
            for at in ["etc/os-release", "etc/redhat-release", "etc/SuSE-release", "etc/lsb-release", "etc/passwd"] {
                proptest::prop_assert!(!show(&[(at, content)]).is_empty());
            }
        }
    }
}
