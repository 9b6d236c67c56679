//! JSON indented as Go's `json.Indent` does: every byte of a value is kept, and only the spaces between are new.

/// `json` with four spaces a level; what is empty stays on its line.
pub(super) fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_text, mut escaped, mut fresh) = (0_usize, false, false, false);
    let break_line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"    ".repeat(depth));
    };
    for c in json.chars() {
        if in_text {
            out.push(c);
            in_text = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        if matches!(c, ' ' | '\t' | '\r' | '\n') {
            continue;
        }
        // Whether something opened just now decides if a line is broken: `{}` and `[]` have none.
        if std::mem::take(&mut fresh) && !matches!(c, ']' | '}') {
            depth += 1;
            break_line(&mut out, depth);
        } else if matches!(c, ']' | '}') && !out.ends_with(['[', '{']) {
            depth = depth.saturating_sub(1);
            break_line(&mut out, depth);
        }
        match c {
            '{' | '[' => {
                fresh = true;
                out.push(c);
            }
            ',' => {
                out.push(c);
                break_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                in_text = c == '"';
                out.push(c);
            }
        }
    }
    out
}
