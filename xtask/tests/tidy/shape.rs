//! A file is one idea, a function fits one screen.

use crate::{code, none, of_tests, sources};

const FILE: usize = 600;
const FUNCTION: usize = 70;

/// Tables: long, but with a one-screen interface. Each with its reason.
const TABLES: [(&str, &str); 0] = [];

#[test]
fn no_file_is_longer_than_one_idea() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let lines = text.lines().count();
        if lines > FILE && !TABLES.iter().any(|(table, _)| *table == path) {
            wrong.push(format!("{path}: {lines} lines, more than {FILE}"));
        }
    }
    none(&wrong);
}

#[test]
fn no_function_is_longer_than_a_screen() {
    let mut wrong = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| !of_tests(path)) {
        for (line, length) in functions(code(&text)) {
            if length > FUNCTION {
                wrong.push(format!("{path}:{line}: a function of {length} lines, more than {FUNCTION}"));
            }
        }
    }
    none(&wrong);
}

/// Where functions begin, and how many lines they have. rustfmt closes each at the column where it opened.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let starts = lines.iter().enumerate().filter(|(_, line)| is_function(line));
    starts
        .filter_map(|(at, line)| {
            let close = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
            let length = lines[at..].iter().position(|line| *line == close)?;
            (!lines[at].ends_with('}')).then_some((at + 1, length + 1))
        })
        .collect()
}

fn is_function(line: &str) -> bool {
    let mut words = line.split_whitespace().skip_while(|word| {
        word.starts_with("pub") || ["const", "async", "in", "extern", "\"C\""].contains(word) || word.ends_with(')')
    });
    words.next() == Some("fn")
}

#[test]
fn functions_are_measured() {
    let text = "pub(crate) fn a() {\n    b\n}\n\nimpl X {\n    const fn b(\n    ) -> u8 {\n        1\n    }\n    fn c() {}\n}\n";
    assert_eq!(functions(text), [(1, 3), (6, 4)]);
}
