//! Files to texts, and why one cannot be read.

use std::{
    fmt,
    fs::File,
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
};

use super::{Code, Diagnostic, LineColumn, Source, Sources, Span};

/// The most bytes that a file may have.
pub const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// Why a file cannot be read as a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreadable {
    /// `S010` for one that is too large, else `S011`.
    pub code: Code,
    /// What people call the file.
    pub name: String,
    /// Where it stands.
    pub path: PathBuf,
    /// What is wrong, in one line.
    pub message: String,
    /// What may help.
    pub help: Option<String>,
    /// The first place that cannot be read, where there is one.
    pub at: Option<LineColumn>,
    /// The text up to that place.
    before: String,
}

impl Source {
    /// Reads a file of at most [`MAX_BYTES`] in UTF-8, which messages call by `path` as it is written here.
    ///
    /// A byte order mark at the start is left out of the text. An empty file is a text like any other.
    ///
    /// # Errors
    /// Where there is no such file, it is a folder, may not be read, is too large, or is not text.
    pub fn read(path: &Path) -> Result<Self, Box<Unreadable>> {
        let fail = |code, message: String| {
            Box::new(Unreadable {
                code,
                name: path.display().to_string(),
                path: path.to_owned(),
                message,
                help: None,
                at: None,
                before: String::new(),
            })
        };
        let name = path.display();
        let refused = |error: &std::io::Error| match error.kind() {
            ErrorKind::NotFound => fail(Code::S011, format!("there is no file `{name}`")),
            ErrorKind::PermissionDenied => fail(Code::S011, format!("`{name}` may not be read: permission denied")),
            ErrorKind::IsADirectory => fail(Code::S011, format!("`{name}` is a folder, not a file")),
            kind => fail(Code::S011, format!("`{name}` cannot be read: {kind}")),
        };
        let too_large = |bytes: u64| {
            let mut error = fail(
                Code::S010,
                format!(
                    "`{name}` has {bytes} bytes; a file may have {most} at most (8 MB)",
                    bytes = grouped(bytes),
                    most = grouped(MAX_BYTES)
                ),
            );
            error.help = Some("split it into several files and bring them together with `use`".into());
            error
        };
        let meta = std::fs::metadata(path).map_err(|it| refused(&it))?;
        if meta.is_dir() {
            return Err(fail(Code::S011, format!("`{name}` is a folder, not a file")));
        }
        if meta.len() > MAX_BYTES {
            return Err(too_large(meta.len()));
        }
        // What is not a plain file (a pipe, a device) says nothing of its length beforehand, so the reading is bounded too.
        let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
        let file = File::open(path).map_err(|it| refused(&it))?;
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|it| refused(&it))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(too_large(bytes.len() as u64));
        }
        let bad = |valid: &[u8], what: &str| {
            let before = String::from_utf8_lossy(valid).into_owned();
            let at =
                Source::new("", None, before.as_str()).line_column(u32::try_from(before.len()).unwrap_or(u32::MAX));
            let message = format!("`{name}` is not text: {what} at line {}, column {}", at.line, at.column);
            Box::new(Unreadable { at: Some(at), before, ..*fail(Code::S011, message) })
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let bytes = error.as_bytes();
                let byte = bytes.get(valid).copied().unwrap_or_default();
                let mut error = bad(bytes.get(..valid).unwrap_or_default(), &format!("byte 0x{byte:02X} is not UTF-8"));
                if matches!(bytes.get(..2), Some([0xFF, 0xFE] | [0xFE, 0xFF])) {
                    error.message = format!("`{name}` is UTF-16; only UTF-8 is read");
                }
                error.help = Some("save it as UTF-8".into());
                return Err(error);
            }
        };
        if let Some(nul) = text.find('\0') {
            let mut error = bad(text.as_bytes().get(..nul).unwrap_or_default(), "a NUL byte stands");
            error.help = Some("save it as UTF-8".into());
            return Err(error);
        }
        let text = text.strip_prefix('\u{feff}').map_or(text.as_str(), |it| it);
        Ok(Self::new(name.to_string(), Some(path.to_owned()), text))
    }
}

impl Unreadable {
    /// Returns it as a diagnostic, at the place that cannot be read.
    pub fn diagnostic(&self, sources: &mut Sources) -> Diagnostic {
        let end = self.before.len();
        // A place needs a text to stand in: what comes before it, and a mark in its stead.
        let text = if self.at.is_some() { format!("{}\u{fffd}", self.before) } else { String::new() };
        let to = text.len();
        let id = sources.add(Source::new(self.name.as_str(), Some(self.path.clone()), text));
        let diagnostic = Diagnostic::new(self.code, Span::new(id, end, to), self.message.as_str());
        match &self.help {
            Some(help) => diagnostic.help(help.as_str()),
            None => diagnostic,
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Unreadable {}

/// Returns a count with `_` between its thousands, as the language writes numbers.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

    use super::*;

    fn file(name: &str, bytes: &[u8]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("wf-read-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    #[test]
    fn a_text_is_read_without_its_byte_order_mark() {
        assert_eq!(&**Source::read(&file("bom.wf", "\u{feff}é".as_bytes())).unwrap().text(), "é");
        assert_eq!(&**Source::read(&file("empty.wf", b"")).unwrap().text(), "");
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        let error = Source::read(&file("latin.wf", b"a\nb\xc3\xa9 \xe9\n")).unwrap_err();
        assert_eq!((error.code, error.at), (Code::S011, Some(LineColumn { line: 2, column: 4 })));
        assert!(error.message.ends_with("byte 0xE9 is not UTF-8 at line 2, column 4"), "{error}");
        let error = Source::read(&file("nul.wf", b"ab\0c")).unwrap_err();
        assert_eq!((error.code, error.at), (Code::S011, Some(LineColumn { line: 1, column: 3 })));
        let error = Source::read(&file("wide.wf", b"\xff\xfea\0")).unwrap_err();
        assert!(error.message.ends_with("is UTF-16; only UTF-8 is read"), "{error}");
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let missing = file("here.wf", b"").with_file_name("missing.wf");
        assert_eq!(Source::read(&missing).unwrap_err().message, format!("there is no file `{}`", missing.display()));
        let folder = missing.parent().unwrap();
        assert!(Source::read(folder).unwrap_err().message.ends_with("is a folder, not a file"));
    }

    #[test]
    fn a_large_file_is_refused_unread() {
        let path = file("large.wf", b"");
        File::options().write(true).open(&path).unwrap().set_len(1 << 40).unwrap();
        let error = Source::read(&path).unwrap_err();
        assert_eq!(error.code, Code::S010);
        assert!(error.message.contains("has 1_099_511_627_776 bytes"), "{error}");
        std::fs::remove_file(path).unwrap();
    }
}
