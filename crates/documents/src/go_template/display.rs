//! Go's quoted texts.

/// What a quoted Go text says: `"…"`, `` `…` `` or `'c'`; `None` if that is no Go.
pub(super) fn unquoted(text: &str) -> Option<String> {
    let quote = text.chars().next()?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    if quote == '`' {
        return Some(inner.replace('\r', ""));
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(next) = rest.next() {
        if next == quote {
            return None;
        }
        if next == '\\' {
            escape(&mut rest, quote, &mut bytes)?;
        } else {
            bytes.extend_from_slice(next.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    // `\xff` may break a text; Go keeps the byte, and prints it as what cannot be read.
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn escape(rest: &mut std::str::Chars<'_>, quote: char, bytes: &mut Vec<u8>) -> Option<()> {
    let plain = match rest.next()? {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 11,
        '\\' => b'\\',
        same if same == quote && quote.is_ascii() => quote as u8,
        'x' => code(rest, 2, 16, "")? as u8,
        first @ '0'..='7' => u8::try_from(code(rest, 2, 8, first.encode_utf8(&mut [0; 4]))?).ok()?,
        kind @ ('u' | 'U') => {
            let point = char::from_u32(code(rest, if kind == 'u' { 4 } else { 8 }, 16, "")?)?;
            bytes.extend_from_slice(point.encode_utf8(&mut [0; 4]).as_bytes());
            return Some(());
        }
        _ => return None,
    };
    bytes.push(plain);
    Some(())
}

fn code(rest: &mut std::str::Chars<'_>, count: usize, radix: u32, first: &str) -> Option<u32> {
    let digits: String = first.chars().chain(rest.by_ref().take(count)).collect();
    let whole = digits.len() == first.len() + count && digits.chars().all(|c| c.is_digit(radix));
    whole.then(|| u32::from_str_radix(&digits, radix).ok()).flatten()
}
