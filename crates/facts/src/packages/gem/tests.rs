use super::super::trees::{self, difference, edges, facts, lines, listing};
use super::READER;
use crate::testing::{read, summary};

/// What is read in one gemspec.
fn check(path: &str, code: &str, expected: &str) {
    assert_eq!(summary(&read(&READER, &[(path, code.as_bytes())])), expected);
}

#[test]
fn gems_of_a_distribution() {
    let reading = trees::read(&READER, include_bytes!("../../../../../testdata/gem/debian.tar.gz"));
    assert_eq!(reading.unknowns, []);
    let theirs = lines(include_str!("../../../../../testdata/gem/debian.txt"));
    assert_eq!(difference(&listing(&reading), &theirs), [""; 0]);
    assert_eq!(reading.found.len(), theirs.len() + 1, "rake is there twice");
    insta::assert_snapshot!(facts(&reading, "nokogiri"), @"pkg:gem/nokogiri@1.13.10 | MIT = MIT | Mike Dalessio, Aaron Patterson, Yoko Harada, Akinori MUSHA, John Shahid, Karol Bucek, Sam Ruby, Craig Barnes, Stephen Checkoway, Lars Kanis, Sergio Arbeo, Timothy Elliott, Nobuyoshi Nakada | https://nokogiri.org | Nokogiri (鋸) makes it easy and painless to work with XML and HTML from Ruby. | needs racc | owns [File(/usr/lib/x86_64-linux-gnu/rubygems-integration/3.1.0/specifications/nokogiri-1.13.10.gemspec), Folder(/usr/lib/x86_64-linux-gnu/rubygems-integration/3.1.0/gems/nokogiri-1.13.10)] | installed");
    insta::assert_snapshot!(facts(&reading, "sinatra"), @"pkg:gem/sinatra@3.0.5 | MIT = MIT | Blake Mizerany, Ryan Tomayko, Simon Rozet, Konstantin Haase | http://sinatrarb.com/ | Classy web-development dressed in a DSL | needs mustermann, rack, rack-protection, tilt | owns [File(/usr/share/rubygems-integration/all/specifications/sinatra-3.0.5.gemspec), Folder(/usr/share/rubygems-integration/all/gems/sinatra-3.0.5)] | installed");
}

#[test]
fn gems_as_gem_installed_them() {
    let reading = trees::read(&READER, include_bytes!("../../../../../testdata/gem/home.tar.gz"));
    assert_eq!(reading.unknowns, []);
    insta::assert_snapshot!(facts(&reading, "tide"), @r#"pkg:gem/tide@1.2.0.pre1 | MIT; Apache-2.0 = - | A. Nauta, B | https://example.org/tide | Tells the tide "now" | needs anchor | owns [File(/usr/local/bundle/specifications/tide-1.2.0.pre1.gemspec), Folder(/usr/local/bundle/gems/tide-1.2.0.pre1)] | installed"#);
    insta::assert_snapshot!(facts(&reading, "anchor"), @"pkg:gem/anchor@0.3.1 | BSD-2-Clause = BSD-2-Clause | A | - | x | needs  | owns [File(/usr/local/bundle/specifications/anchor-0.3.1.gemspec), Folder(/usr/local/bundle/gems/anchor-0.3.1), Folder(/usr/local/bundle/extensions/x86_64-linux/3.1.0/anchor-0.3.1)] | installed");
}

const SPEC: &str = "Gem::Specification.new do |s|\n  s.name = \"a\".freeze\n  s.version = \"1.0\"\n";

#[test]
fn where_gemspecs_count() {
    let at = |path: &str, expected: &str| check(path, SPEC, expected);
    at("g/specifications/a-1.0.gemspec", "pkg:gem/a@1.0 (/g/specifications/a-1.0.gemspec)");
    at("g/specifications/default/a-1.0.gemspec", "pkg:gem/a@1.0 (/g/specifications/default/a-1.0.gemspec)");
    at("specifications/a-1.0.gemspec", "pkg:gem/a@1.0 (/specifications/a-1.0.gemspec)");
    at("g/specifications/a.gemspec", "pkg:gem/a@1.0 (/g/specifications/a.gemspec)");
    at("g/gems/a-1.0/a.gemspec", "");
    at("g/bundler/gems/a-abc/a.gemspec", "");
    at("g/myspecifications/a-1.0.gemspec", "");
    at("g/gems/b-1/test/fixtures/specifications/a-1.0.gemspec", "");
    at("app/fixtures/specifications/a-1.0.gemspec", "");
}

#[test]
fn platforms_are_part_of_the_name() {
    let code = format!("{SPEC}  s.platform = \"x86_64-linux\".freeze\n");
    check(
        "g/specifications/a-1.0-x86_64-linux.gemspec",
        &code,
        "pkg:gem/a@1.0?platform=x86_64-linux (/g/specifications/a-1.0-x86_64-linux.gemspec)",
    );
    check(
        "g/specifications/a-1.0.gemspec",
        "  s.name = %q{a}\n  s.version = \"1.0\"\n  s.platform = 'ruby'\n",
        "pkg:gem/a@1.0 (/g/specifications/a-1.0.gemspec)",
    );
}

#[test]
fn dependencies_are_met_by_the_best_version_in_reach() {
    let spec =
        |name: &str, version: &str, more: &str| format!("s.name = \"{name}\"\ns.version = \"{version}\"\n{more}");
    let a = spec(
        "a",
        "1",
        "s.add_runtime_dependency(%q<b>.freeze, [\"~> 1.0\", \"< 1.5\"])\ns.add_dependency(%q<c>, [\">= 9\"])\ns.add_development_dependency(%q<d>, [\">= 0\"])\ns.add_dependency(%q<d>, [\">= 0\"])\n",
    );
    let files: Vec<(String, String)> = vec![
        ("r/3.1.0/specifications/a-1.gemspec".into(), a),
        ("r/3.1.0/specifications/b-1.1.gemspec".into(), spec("b", "1.1", "")),
        ("r/3.1.0/specifications/b-1.2.gemspec".into(), spec("b", "1.2", "")),
        ("r/3.1.0/specifications/b-1.6.gemspec".into(), spec("b", "1.6", "")),
        ("r/all/specifications/b-1.4.gemspec".into(), spec("b", "1.4", "")),
        ("r/3.2.0/specifications/c-9.gemspec".into(), spec("c", "9", "")),
        ("r/3.1.0/specifications/d-1.gemspec".into(), spec("d", "1", "")),
    ];
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, code)| (path.as_str(), code.as_bytes())).collect();
    let ours = edges(&read(&READER, &files), |p| format!("{} {}", p.name, p.version));
    assert_eq!(ours.into_iter().collect::<Vec<_>>(), ["a 1 -> b 1.2"]);
}

#[test]
fn several_licences_are_words() {
    let code = format!("{SPEC}  s.licenses = [\"MIT\".freeze, \"Ruby\".freeze]\n");
    let reading = read(&READER, &[("g/specifications/a-1.0.gemspec", code.as_bytes())]);
    let licence = &reading.found[0].package.licence;
    assert_eq!((licence.stated.join("|").as_str(), &licence.expression), ("MIT|Ruby", &None));
}

#[test]
fn hostile_gemspecs() {
    let at = "g/specifications/a-1.0.gemspec";
    let nameless = "? bad-record: a gemspec with no literal `name` in /g/specifications/a-1.0.gemspec";
    let versionless = "? bad-record: a gemspec with no literal `version` in /g/specifications/a-1.0.gemspec";
    check(at, "", nameless);
    check(at, "\0\0\0", nameless);
    check(at, "s.name = NAME\ns.version = '1'", nameless);
    check(at, "s.name = \"a\\nb\"\ns.version = '1'", nameless);
    check(at, "s.name = \"../a\"\ns.version = '1'", nameless);
    check(at, "s.name = 'a'\ns.version = A::VERSION", versionless);
    check(at, "s.name = 'a'\ns.version = \"1.0\\e[2J\"", versionless);
    check(at, "s.name = 'a", nameless);
    check(
        at,
        "s.name = 'b'\ns.version = '1.0'",
        "pkg:gem/b@1.0 (/g/specifications/a-1.0.gemspec)\n\
         ? bad-record: the file is named for another gem than `b 1.0` in /g/specifications/a-1.0.gemspec",
    );
    let many: String = (0..50_000).map(|n| format!("s.add_dependency(%q<d{n}>)\n")).collect();
    let many = format!("{SPEC}{}", &many[..many.len().min(900_000)]);
    check(at, &many, "pkg:gem/a@1.0 (/g/specifications/a-1.0.gemspec)");
    check(
        at,
        &" ".repeat((1 << 20) + 1),
        "? limit: a gemspec of 1048577 bytes: more than `gemspec bytes` = 1048576 in /g/specifications/a-1.0.gemspec",
    );
    let odd: &[(&str, &[u8])] = &[(at, b"s.name = \"\xff\xfe\"\n")];
    assert_eq!(summary(&read(&READER, odd)), nameless);
}
