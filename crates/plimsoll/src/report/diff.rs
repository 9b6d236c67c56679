//! A unified diff of a text and its edit, line by line.
//!
//! Pinning changes lines and neither adds nor takes away any, so the lines of both belong together by number; a text of
//! which that is not so is shown as one change as a whole.

use std::fmt::Write;

/// Lines around a change.
const CONTEXT: usize = 3;

/// The diff as `patch` and `git apply` take it; empty if nothing changed.
pub(crate) fn unified(path: &str, before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let mut out = format!("--- a/{path}\n+++ b/{path}\n");
    if old.len() != new.len() {
        hunk(&mut out, &old, &new, (0, old.len()), (0, new.len()));
        return out;
    }
    let changed: Vec<usize> = (0..old.len()).filter(|at| old[*at] != new[*at]).collect();
    let mut rest = &changed[..];
    while let Some(&first) = rest.first() {
        let joined = rest.windows(2).take_while(|pair| pair[1] - pair[0] <= 2 * CONTEXT).count();
        let last = rest[joined];
        let range = (first.saturating_sub(CONTEXT), (last + CONTEXT + 1).min(old.len()));
        hunk(&mut out, &old, &new, range, range);
        rest = &rest[joined + 1..];
    }
    out
}

/// One hunk over lines `old.0..old.1` and `new.0..new.1`.
fn hunk(out: &mut String, old: &[&str], new: &[&str], before: (usize, usize), after: (usize, usize)) {
    let numbers = |(from, to): (usize, usize)| format!("{},{}", from + usize::from(to > from), to - from);
    // Writing to a String cannot fail.
    let _ = writeln!(out, "@@ -{} +{} @@", numbers(before), numbers(after));
    let (old, new) = (&old[before.0..before.1], &new[after.0..after.1]);
    let paired = old.len() == new.len();
    let mut at = 0;
    while at < old.len().max(new.len()) {
        let same = |at: usize| paired && old[at] == new[at];
        if at < old.len() && same(at) {
            line(out, ' ', old[at]);
            at += 1;
            continue;
        }
        let end = if paired { (at..old.len()).find(|at| same(*at)).unwrap_or(old.len()) } else { usize::MAX };
        old[at.min(old.len())..end.min(old.len())].iter().for_each(|text| line(out, '-', text));
        new[at.min(new.len())..end.min(new.len())].iter().for_each(|text| line(out, '+', text));
        at = end;
    }
}

fn line(out: &mut String, mark: char, text: &str) {
    out.push(mark);
    out.push_str(text);
    if !text.ends_with('\n') {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    #[test]
    fn nothing_changed() {
        assert_eq!(unified("a", "x\n", "x\n"), "");
    }

    #[test]
    fn changes_with_what_is_around_them() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16";
        let after = before.replace("\n5\n", "\nfive\n").replace("\n6\n", "\nsix\n").replace("16", "end");
        assert_snapshot!(unified("a/b", before, &after), @r"
        --- a/a/b
        +++ b/a/b
        @@ -2,8 +2,8 @@
         2
         3
         4
        -5
        -6
        +five
        +six
         7
         8
         9
        @@ -13,4 +13,4 @@
         13
         14
         15
        -16
        \ No newline at end of file
        +end
        \ No newline at end of file
        ");
    }

    #[test]
    fn another_number_of_lines_is_shown_as_a_whole() {
        assert_eq!(unified("a", "x\n", "x\ny\n"), "--- a/a\n+++ b/a\n@@ -1,1 +1,2 @@\n-x\n+x\n+y\n");
    }
}
