//! Whatever bytes lie where a manifest should be: no reader panics, and every index that it gives is good.

use super::{Reader, composer, gem, npm, python};
use crate::testing::read;
use proptest::prelude::*;

/// Files of every kind that these readers look at, each made of `piece`.
fn files(piece: &[u8]) -> Vec<(String, Vec<u8>)> {
    let names = [
        "node_modules/a/package.json",
        "node_modules/a/dist/x/b/package.json",
        "package.json",
        "site-packages/a-1.dist-info/METADATA",
        "site-packages/a-1.dist-info/RECORD",
        "site-packages/a-1.dist-info/direct_url.json",
        "site-packages/b.egg-info/PKG-INFO",
        "site-packages/b.egg-info/requires.txt",
        "site-packages/b.egg-info/top_level.txt",
        "site-packages/b.egg-info/installed-files.txt",
        "site-packages/c.egg-info",
        "site-packages/d.egg-link",
        "site-packages/a/_vendor/vendor.txt",
        "g/specifications/a-1.gemspec",
        "vendor/composer/installed.json",
    ];
    let mut files: Vec<(String, Vec<u8>)> = names.iter().map(|name| ((*name).to_owned(), piece.to_vec())).collect();
    files.push((".yarn/cache/a-npm-1.zip".into(), [b"PK\x03\x04", piece].concat()));
    files.push((".pnp.cjs".into(), [piece, b"/a-npm-1.zip/"].concat()));
    files.push(("node_modules/l".into(), [b"-> ", piece].concat()));
    files
}

fn all_hold(piece: &[u8]) {
    let files = files(piece);
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let readers: [&Reader; 4] = [&npm::READER, &python::READER, &gem::READER, &composer::READER];
    for reader in readers {
        let reading = read(reader, &files);
        let count = reading.found.len();
        for found in &reading.found {
            assert!(found.depends_on.iter().chain(&found.bundled_in).all(|at| *at < count));
            assert!(
                !found.package.name.contains(char::is_control) && !found.package.version.contains(char::is_control)
            );
        }
        assert!(reading.unknowns.iter().all(|unknown| !unknown.to_string().contains(char::is_control)));
    }
}

/// Text made of the words that these formats are made of.
fn near_misses() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "\"",
        ":",
        ",",
        "\n",
        " ",
        "\\",
        "\\u",
        "\u{1b}",
        "\u{202e}",
        "é",
        "'",
        "%q<",
        ">",
        "(",
        ")",
        ";",
        "\"name\"",
        "\"version\"",
        "\"a\"",
        "\"1\"",
        "\"a/b\"",
        "\"packages\"",
        "\"license\"",
        "\"dependencies\"",
        "null",
        "Name: a\n",
        "Version: 1\n",
        "Requires-Dist: ",
        "b",
        "extra == ",
        "python_version",
        "<",
        "3.8",
        " and ",
        " or ",
        "s.name = ",
        "s.version = ",
        "s.add_dependency(",
        ".freeze",
        "a==1",
        "==",
        "../",
        "/",
    ]);
    prop::collection::vec(words, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(piece in prop::collection::vec(any::<u8>(), 0..200)) {
        all_hold(&piece.into_iter().collect::<Vec<u8>>());
    }

    #[test]
    fn almost_manifests(piece in near_misses()) {
        all_hold(piece.as_bytes());
    }
}

#[test]
fn every_cut_of_real_files() {
    let manifest = br#"{"name":"a","version":"1","license":"MIT","dependencies":{"b":"1"}}"#.as_slice();
    let metadata = b"Name: a\nVersion: 1\nRequires-Dist: b[x]>1; extra == 'y'\nLicense: MIT\n";
    let spec = b"s.name = \"a\".freeze\ns.version = \"1\"\ns.add_runtime_dependency(%q<b>.freeze, [\"~> 1\"])\n";
    let installed = include_bytes!("../../../../testdata/composer/installed.json");
    for whole in [manifest, metadata, spec, &installed[..600]] {
        (0..=whole.len()).for_each(|end| all_hold(&whole[..end]));
    }
}

#[test]
fn every_damage_to_an_archive() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("node_modules/a/package.json", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut zip, br#"{"name":"a","version":"1"}"#).unwrap();
    let whole = zip.finish().unwrap().into_inner();
    let rest = &whole[4..];
    (0..=rest.len()).for_each(|end| all_hold(&rest[..end]));
    for at in 0..rest.len() {
        for damage in [0x00, 0xff, 0x80] {
            let mut piece = rest.to_vec();
            piece[at] ^= damage;
            all_hold(&piece);
        }
    }
}
