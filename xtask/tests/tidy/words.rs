//! Eight words name the guide's pages, the folders of the practices, the families of rules and the headings of the
//! help, so that one search for a word finds a whole feature.

use crate::{entries, name, none, read, root, sources};

const WORDS: [&str; 8] = ["tagging", "layers", "base", "scanning", "sbom", "rebuilds", "provenance", "mistakes"];

/// The folders of the practices that are there, with their numbers.
fn practices() -> Vec<(usize, String)> {
    let folders = entries(&root().join("crates/practices/src")).into_iter().filter(|path| path.is_dir());
    folders
        .map(|path| {
            let word = name(&path);
            let number = WORDS.iter().position(|known| *known == word);
            (number.unwrap_or_else(|| panic!("practices/{word} is none of {WORDS:?}")) + 1, word)
        })
        .collect()
}

#[test]
fn each_practice_has_its_page_of_the_guide_and_each_page_its_practice() {
    let mut wanted: Vec<String> = practices().iter().map(|(number, word)| format!("{number}-{word}.md")).collect();
    wanted.sort();
    let pages: Vec<String> = entries(&root().join("docs/guide")).iter().map(|path| name(path)).collect();
    let pages: Vec<String> =
        pages.into_iter().filter(|page| page.starts_with(|first: char| first.is_ascii_digit())).collect();
    assert_eq!(pages, wanted, "pages of the guide, against the practices that have rules");
}

#[test]
fn a_rules_code_begins_with_its_practice() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (path, text) in sources() {
        let Some((_, inside)) = path.split_once("crates/practices/src/") else { continue };
        let number = inside.split_once('/').and_then(|(word, _)| WORDS.iter().position(|known| *known == word));
        for code in text.lines().filter_map(|line| line.trim().strip_prefix("code: \"PL")) {
            seen += 1;
            let family = code.chars().next().and_then(|digit| digit.to_digit(10));
            if number.map(|number| number as u32 + 1) != family {
                wrong.push(format!("{path}: PL{code} does not belong to this practice"));
            }
        }
    }
    none(&wrong);
    assert!(seen > 10, "the rules are found: {seen}");
}

#[test]
fn headings_of_the_help_are_the_eight_words() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for (_, rest) in text.match_indices("help_heading = \"").map(|(at, mark)| (at, &text[at + mark.len()..])) {
            let heading = rest.split('"').next().unwrap_or_default();
            if path.starts_with("crates/plimsoll/") && !WORDS.contains(&heading.to_lowercase().as_str()) {
                wrong.push(format!("{path}: the heading `{heading}` is none of {WORDS:?}"));
            }
        }
    }
    none(&wrong);
}

#[test]
fn every_folder_of_test_data_says_where_it_comes_from() {
    let mut wrong = Vec::new();
    for folder in entries(&root().join("testdata")).into_iter().filter(|path| path.is_dir()) {
        let told = folder.join("README.md");
        if !told.exists() || read(&told).trim().is_empty() {
            wrong.push(format!("{} has no README.md that names its source and licence", folder.display()));
        }
    }
    none(&wrong);
}
