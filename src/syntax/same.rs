//! Whether two trees say the same, wherever what they say stands.

use super::ast::File;

/// Says whether two files have the same items: spans, comments and the form are not looked at, docs are.
pub fn same_tree(left: &File, right: &File) -> bool {
    canonical(left) == canonical(right)
}

/// Returns the items of a file as text without spans: two files say the same where these are equal.
pub fn canonical(file: &File) -> String {
    let text = format!("{:?}", file.items);
    let mut out = String::with_capacity(text.len() / 2);
    let (mut quoted, mut escaped, mut from, mut at) = (false, false, 0, 0);
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'S' if !quoted => {
                let rest = text.get(at..).unwrap_or_default();
                if let Some(length) = rest.find('}').filter(|_| rest.starts_with("Span { ")) {
                    out.push_str(text.get(from..at).unwrap_or_default());
                    at += length;
                    from = at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}
