//! What is wrong with a text, and how to mend it.

use super::{Allow, Code, Severity, Span};

/// One mistake: its code, what it is in the reader's words, where it is, and how to mend it.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Which check found it.
    pub code: Code,
    /// How bad it is; starts as the code's own severity.
    pub severity: Severity,
    /// The problem in one line: lower case, no full stop, backticks around what the user wrote.
    pub message: String,
    /// The place; every other place is a label.
    pub span: Span,
    /// What that place is, if more is to be said than the message says.
    pub label: Option<String>,
    /// Places that say why it matters.
    pub labels: Vec<Label>,
    /// Background, at most a line or two.
    pub notes: Vec<String>,
    /// Edits that mend it, the likeliest first.
    pub fixes: Vec<Fix>,
}

/// A further place that explains a diagnostic.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What it is.
    pub message: String,
}

/// A way to mend a mistake.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: String,
    /// Whether it may be applied without a person's look; never where orders or limits are touched.
    pub safe: bool,
    /// The edits, which do not overlap; none where the advice is in the title alone.
    pub edits: Vec<Edit>,
}

/// A replacement of a stretch of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What comes in its place.
    pub text: String,
}

impl Diagnostic {
    /// Returns a diagnostic of `code` at `span`.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            span,
            label: None,
            labels: Vec::new(),
            notes: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// Says what the place is.
    #[must_use]
    pub fn here(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Makes an error of what is one in this case, though a warning in others.
    #[must_use]
    pub fn error(mut self) -> Self {
        self.severity = Severity::Error;
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { span, message: message.into() });
        self
    }

    /// Adds a line of background.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds a mend that a person should look at first.
    #[must_use]
    pub fn fix(self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.with_fix(Fix { title: title.into(), safe: false, edits: vec![Edit { span, text: text.into() }] })
    }

    /// Adds a mend that may be applied as it stands.
    #[must_use]
    pub fn safe_fix(self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.with_fix(Fix { title: title.into(), safe: true, edits: vec![Edit { span, text: text.into() }] })
    }

    /// Adds advice for which no edit is known.
    #[must_use]
    pub fn help(self, title: impl Into<String>) -> Self {
        self.with_fix(Fix { title: title.into(), safe: false, edits: Vec::new() })
    }

    /// Adds a mend.
    #[must_use]
    pub fn with_fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }

    /// Moves every place to texts that were appended to others; see [`Sources::append`](super::Sources::append).
    pub fn shift(&mut self, offset: u32) {
        let edits = self.fixes.iter_mut().flat_map(|it| &mut it.edits).map(|it| &mut it.span);
        let labels = self.labels.iter_mut().map(|it| &mut it.span);
        std::iter::once(&mut self.span).chain(labels).chain(edits).for_each(|it| it.file.0 += offset);
    }

    /// Says whether it leaves nothing that could run, so that nobody can allow it.
    pub fn breaks(&self) -> bool {
        self.is_error() && self.code.allow() == Allow::Never
    }

    /// Says whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
