//! What the program says: to standard output the result, to standard error all else. Where nobody reads on, as behind
//! `| head`, it is lost and nothing fails.

use std::{fmt::Display, io};

/// Prints the result of a command as it stands.
pub fn data(text: impl Display) {
    let _ = all(io::stdout().lock(), text);
}

/// Prints the result of a command for people, in colour where the terminal takes it.
pub fn out(text: impl Display) {
    let _ = all(anstream::stdout().lock(), text);
}

/// Prints what goes to people beside the result.
pub fn err(text: impl Display) {
    let _ = all(anstream::stderr().lock(), text);
}

fn all(mut into: impl io::Write, text: impl Display) -> io::Result<()> {
    // In one piece: a terminal that shows two streams shows no halves of lines.
    into.write_all(text.to_string().as_bytes())?;
    into.flush()
}
