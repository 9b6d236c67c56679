//! Cases that each order's documentation or own tests name; the proof against the tools is `cargo xtask proof versions`.

use super::*;

/// Lines of `a < b`, `a = b` or `a > b`.
fn check(order: VersionOrder, cases: &str) {
    let mut seen = 0;
    for line in cases.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let [a, sign, b] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let expected = match sign {
            "<" => Ordering::Less,
            "=" => Ordering::Equal,
            ">" => Ordering::Greater,
            _ => panic!("{line}"),
        };
        let parse = |text| Version::parse(order, text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(parse(a).compare(&parse(b)), Some(expected), "{}: {line}", order.word());
        assert_eq!(parse(b).compare(&parse(a)), Some(expected.reverse()), "{}: {line}, reversed", order.word());
        seen += 1;
    }
    assert!(seen > 3);
}

fn refused(order: VersionOrder, texts: &[&str]) {
    for text in texts {
        assert!(Version::parse(order, text).is_err(), "{}: `{text}`", order.word());
    }
}

#[test]
fn dpkg() {
    check(
        VersionOrder::Dpkg,
        "1.0~rc1 < 1.0
         1:0 > 99
         1.0-1 < 1.0-1+deb12u1
         2.36-9+deb12u9 < 2.36-9+deb12u10
         0:1.0 = 1.0
         1.0-0 = 1.0
         0:1z0 < 1z-deb~
         1.0 < 1.0+b1
         a < b",
    );
    refused(VersionOrder::Dpkg, &["", ":1", "a:1", "1-", "1:", "1 2", "1.0_1", "-1:2"]);
}

#[test]
fn rpm() {
    check(
        VersionOrder::Rpm,
        "1.0~rc1-1 < 1.0-1
         1.0^git1-1 > 1.0-1
         1.0^git1-1 < 1.0.1-1
         1:1.0-1 > 2.0-1
         2.7.6-11.el8 > 2.7.6-9.el8
         1.0010 > 1.9
         1.05 = 1.5
         fc4 < 1
         2_0 = 2.0
         1.0 < 1.0-1",
    );
    refused(VersionOrder::Rpm, &["", "x:1", "1:", "1 0"]);
}

#[test]
fn apk() {
    check(
        VersionOrder::Apk,
        "1.2.4-r1 > 1.2.4-r0
         1.0_rc1 < 1.0
         1.0_p1 > 1.0
         1.05 < 1.4
         1.0a < 1.0b
         1.0 < 1.0a
         3.3.2_alpha1 < 3.3.2_beta
         1.0 < 1.0.0",
    );
    refused(VersionOrder::Apk, &["", "foo", "1.0-1", "1.0_x", "1.0-r1.2", "1.0A"]);
}

#[test]
fn pacman() {
    check(
        VersionOrder::Pacman,
        "1.0-1 = 1.0
         1.0rc < 1.0
         1.0.a > 1.0
         1:1-1 > 2-1
         1.0-1 < 1.0-2
         1..0 > 1.0",
    );
    refused(VersionOrder::Pacman, &["", "1 0"]);
}

#[test]
fn npm_and_cargo() {
    let shared = "1.0.0-alpha < 1.0.0-alpha.1
        1.0.0-alpha.1 < 1.0.0-alpha.beta
        1.0.0-beta.2 < 1.0.0-beta.11
        1.0.0-rc.1 < 1.0.0
        1.0.0+a = 1.0.0+b
        1.10.0 > 1.9.0";
    check(VersionOrder::Npm, shared);
    check(VersionOrder::Cargo, shared);
    check(VersionOrder::Npm, "v1.0.0 = 1.0.0\n=1.0.0 = 1.0.0\n1.0.0 < 1.0.1\n2.0.0 > 1.99.99");
    refused(VersionOrder::Npm, &["", "1", "1.0", "01.0.0", "1.0.0-01", "1.0.0.0", "9007199254740992.0.0", "1.0.0-"]);
    refused(VersionOrder::Cargo, &["v1.0.0", "1.0", "1.0.0-", "1.0.0+", "18446744073709551616.0.0"]);
}

#[test]
fn python() {
    check(
        VersionOrder::Python,
        "1.0.dev1 < 1.0a1
         1.0a1 < 1.0rc1
         1.0rc1 < 1.0
         1.0 < 1.0.post1
         1!0 > 99
         1.0 = 1.0.0
         1.0+local > 1.0
         2004d < 0
         2004d < 2004e
         1.0-foo-bar < 0.1",
    );
    refused(VersionOrder::Python, &["", "  "]);
}

#[test]
fn maven() {
    check(
        VersionOrder::Maven,
        "1 = 1.0
         1-snapshot < 1
         1-alpha-1 = 1-a1
         1.0-rc1 = 1.0-cr1
         1.0.final = 1.0
         1-sp > 1
         1-foo > 1-sp
         1.0-beta-9 < 1.0-beta-10
         2.0.1 < 2.0.1-xyz
         1.0.RC2 < 1.0-RC3",
    );
    refused(VersionOrder::Maven, &["", &"1-".repeat(100)]);
}

#[test]
fn gem() {
    check(
        VersionOrder::Gem,
        "1.0.pre < 1.0
         1.0.a10 > 1.0.a9
         1.0 = 1.0.0
         1.0-1 < 1.0
         1.0.b1 = 1.0.b.1
         1.0.0.beta2 < 1.0.0.rc1",
    );
    refused(VersionOrder::Gem, &["", "a", "1..0", "1.0_1", "1.", "-1"]);
}

#[test]
fn composer() {
    check(
        VersionOrder::Composer,
        "1.0.0-dev < 1.0.0-alpha
         1.0.0-alpha1 < 1.0.0-beta1
         1.0.0-RC1 < 1.0.0
         1.0.0 < 1.0.0-p1
         v1.0 = 1.0.0.0
         1.0.0-b2 = 1.0.0-beta2
         2.1.x-dev > 2.1.5
         20100102 < 20100203
         1.0.0+build = 1.0.0",
    );
    refused(VersionOrder::Composer, &["", "dev-main", "master", "1.0.0-foo", "1.0.0.0.0", "x"]);
}

/// The examples of NuGet's documentation and of the tests of `NuGet.Versioning`.
#[test]
fn nuget() {
    check(
        VersionOrder::Nuget,
        "1.0 = 1.0.0.0
         1.0.0 < 1.0.0.1
         1.0.0-alpha < 1.0.0
         1.0.0-BETA = 1.0.0-beta
         1.0.0-beta.2 < 1.0.0-beta.11
         1.0.0-rc.1+x = 1.0.0-rc.1+y
         1.0.01-beta = 1.0.1-beta
         1.0.0-1 < 1.0.0-a
         1 < 1.0.1",
    );
    refused(VersionOrder::Nuget, &["", "1.*", "1.0.0.0.0", "1.0.0-", "a", "2147483648.0", "1..0"]);
}

#[test]
fn go() {
    check(
        VersionOrder::Go,
        "v1.2.3 = 1.2.3
         v0.0.0-20240102150405-abcdef012345 < v0.0.0-20240203150405-000000000000
         v0.0.0-20240102150405-abcdef012345 < v0.0.1
         v2.0.0+incompatible = v2.0.0
         go1.20 = 1.20.0
         go1.22 < go1.22rc1
         go1.22.0 = 1.22.0
         go1.22rc1 = 1.22.0-rc.1
         go1.22rc1 < go1.22.0
         go1.22beta2 < go1.22rc1
         1.22.0-0 < go1.22rc1
         go1.9 < go1.10",
    );
    refused(VersionOrder::Go, &["", "(devel)", "v1.2.3.4", "v1.2-rc1", "go", "go1.22x"]);
}

#[test]
fn generic() {
    check(
        VersionOrder::Generic,
        "1.1.1 < 1.1.1a
         1.1.1v < 1.1.1w
         1.1.1w < 1.1.2
         9.2p1 > 9.2
         1.0rc1 < 1.0
         1.0 = 1.0.0
         20.9.0 < 20.11.1
         17.0.2+8 = 17.0.2
         v1.2 = 1.2",
    );
    refused(VersionOrder::Generic, &["", "latest"]);
}

#[test]
fn two_orders_do_not_meet() {
    let version = |order| Version::parse(order, "1.0.0").unwrap();
    assert_eq!(version(VersionOrder::Npm).compare(&version(VersionOrder::Cargo)), None);
    assert_eq!(version(VersionOrder::Dpkg).compare(&version(VersionOrder::Rpm)), None);
}

#[test]
fn no_text_is_too_much() {
    let odd = ["\u{0}", "é", "1é", "é1", "-", ".", "~", "^", "1-é", "1:é", "v", "go", "+", "1+", "=", "1.0.0-é", "٣.1"];
    let long = ["1.".repeat(255), "9".repeat(600), "a".repeat(500), "-".repeat(500), "1a".repeat(250)];
    for order in VersionOrder::ALL {
        for text in odd.iter().copied().chain(long.iter().map(String::as_str)) {
            if let Ok(version) = Version::parse(order, text) {
                assert_eq!(version.compare(&version), Some(Ordering::Equal), "{}: {text}", order.word());
            }
        }
        assert!(Version::parse(order, &"9".repeat(600)).is_err());
    }
}

/// Answers of the tools themselves, kept by `cargo xtask proof versions --record`: each line `a`, sign, `b`.
#[test]
fn as_the_tools_themselves_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/versions");
    let mut judged = 0;
    for order in VersionOrder::ALL {
        let Ok(text) = std::fs::read_to_string(format!("{folder}/{}.tsv", order.word())) else {
            assert!(matches!(order, VersionOrder::Nuget | VersionOrder::Generic), "{} is not recorded", order.word());
            continue;
        };
        for line in text.lines() {
            let [a, sign, b] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            let ours = match (Version::parse(order, a), Version::parse(order, b)) {
                (Ok(a), Ok(b)) => a.compare(&b).map_or("?", |o| ["<", "=", ">"][(o as i8 + 1) as usize]),
                _ => "?",
            };
            judged += 1;
            assert_eq!(ours, sign, "{}: {line}", order.word());
        }
    }
    assert!(judged > 4000, "{judged}");
}
