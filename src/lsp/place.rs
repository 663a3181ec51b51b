//! Addresses of the protocol to paths, and back.

use std::{
    path::{Path, PathBuf},
    str::FromStr as _,
};

use lsp_types::Uri;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// What stands in the path of an address as `%20` does.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b']')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Returns the path of an address; what is no file has one that leads nowhere, under its own name.
pub(super) fn path(uri: &Uri) -> PathBuf {
    let text = uri.as_str();
    let Some(rest) = text.strip_prefix("file://") else { return PathBuf::from(text) };
    let rest = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or(rest);
    let path = percent_decode_str(rest).decode_utf8_lossy().into_owned();
    // `/c:/x` of Windows has no root of its own.
    let drive = path.as_bytes().get(2) == Some(&b':');
    let path = PathBuf::from(if drive { path.trim_start_matches('/') } else { &path });
    path.canonicalize().unwrap_or(path)
}

/// Says whether an address is that of a file.
pub(super) fn is_file(uri: &Uri) -> bool {
    uri.as_str().starts_with("file:")
}

/// Returns the address of a path.
pub(super) fn uri(path: &Path) -> Option<Uri> {
    let text = path.to_str()?.replace('\\', "/");
    if !path.is_absolute() {
        return Uri::from_str(&text).ok();
    }
    let slash = if text.starts_with('/') { "" } else { "/" };
    Uri::from_str(&format!("file://{slash}{}", utf8_percent_encode(&text, ESCAPED))).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn an_address_leads_back_to_its_path() {
        for text in ["/a/b.wf", "/ä b/#c%.wf", "/x/[1]{2}.yaml"] {
            assert_eq!(path(&uri(Path::new(text)).unwrap()), PathBuf::from(text));
        }
        assert_eq!(path(&Uri::from_str("untitled:Untitled-1").unwrap()), PathBuf::from("untitled:Untitled-1"));
    }
}
