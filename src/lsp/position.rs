//! Places of the protocol (line, column in UTF-16 or bytes) to places of the checker (bytes), and back: here only.

use lsp_types::{Position, PositionEncodingKind, Range};

use crate::source::{Source, Span};

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16,
}

impl Encoding {
    /// Returns bytes where the editor offers them, else what every editor speaks.
    pub fn negotiate(offered: Option<&[PositionEncodingKind]>) -> Self {
        let bytes = offered.is_some_and(|it| it.contains(&PositionEncodingKind::UTF8));
        if bytes { Self::Utf8 } else { Self::Utf16 }
    }

    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    fn units(self, it: char) -> usize {
        match self {
            Self::Utf8 => it.len_utf8(),
            Self::Utf16 => it.len_utf16(),
        }
    }

    /// Returns the byte of a position. What is behind the end of its line or of the text means that end; what is inside a
    /// character, its start.
    pub fn offset(self, source: &Source, position: Position) -> u32 {
        let text = source.text();
        let Some(start) = source.line_start(position.line as usize) else { return clamp(text.len()) };
        let line = text.get(start as usize..).unwrap_or_default();
        let line = line.split('\n').next().unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        let mut left = position.character as usize;
        let mut at = start as usize;
        for it in line.chars() {
            let units = self.units(it);
            if left < units {
                break;
            }
            left -= units;
            at += it.len_utf8();
        }
        clamp(at)
    }

    /// Returns the position of a byte.
    pub fn position(self, source: &Source, byte: u32) -> Position {
        let byte = byte.min(clamp(source.text().len()));
        let line = source.line_column(byte).line - 1;
        let start = source.line_start(line).unwrap_or(0);
        let before = source.text().get(start as usize..byte as usize).unwrap_or_default();
        Position { line: clamp(line), character: clamp(before.chars().map(|it| self.units(it)).sum()) }
    }

    /// Returns the range of a place.
    pub fn range(self, source: &Source, span: Span) -> Range {
        Range { start: self.position(source, span.start), end: self.position(source, span.end) }
    }
}

fn clamp(it: usize) -> u32 {
    u32::try_from(it).unwrap_or(u32::MAX)
}
