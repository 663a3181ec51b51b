//! Which files are meant by the paths of a command line, and how they are written.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::{config, lookup::ENDINGS, stop::Stop};

/// Returns every workflow file under the paths, each once, in order. A file that is named is taken whatever its ending.
pub fn workflows(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Stop> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            walk(path, &mut files)?;
        } else if path.symlink_metadata().is_ok() {
            files.push(path.clone());
        } else {
            return Err(Stop::usage(format_args!("there is no file `{}`", path.display())));
        }
    }
    files.sort();
    files.dedup();
    if files.is_empty() {
        let paths: Vec<_> = paths.iter().map(|it| format!("`{}`", it.display())).collect();
        return Err(Stop::usage(format_args!("there is no workflow file under {}", paths.join(", ")))
            .help("workflow files end in .wf, .yaml or .yml"));
    }
    Ok(files)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Stop> {
    let unreadable = |error| Stop::usage(format_args!("cannot read the folder `{}`: {error}", folder.display()));
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (path, name) = (entry.path(), entry.file_name());
        let Some(name) = name.to_str() else { continue };
        let kind = entry.file_type().map_err(unreadable)?;
        // Hidden folders and build output hold no workflows of a person; a link to a folder may lead in a circle.
        if kind.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            walk(&path, files)?;
        } else if !kind.is_dir() && is_workflow(name) {
            files.push(path);
        }
    }
    Ok(())
}

/// Says whether a file found in a folder is a workflow by its name: settings and hidden files are none.
fn is_workflow(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    !name.starts_with('.') && name != config::FILE && ending.is_some_and(|it| ENDINGS.contains(&it))
}

/// Writes a text in the place of a file, all of it or nothing: whatever stops the program, the old text or the new is there.
pub fn replace(path: &Path, text: &str) -> Result<(), Stop> {
    let write = || -> io::Result<()> {
        // A link stays one: what it leads to is written.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut new = NamedTempFile::new_in(folder)?;
        new.write_all(text.as_bytes())?;
        if let Ok(old) = fs::metadata(&path) {
            new.as_file().set_permissions(old.permissions())?;
        }
        new.as_file().sync_all()?;
        new.persist(&path).map_err(|it| it.error)?;
        Ok(())
    };
    write().map_err(|error| Stop::usage(format_args!("cannot write `{}`: {error}", path.display())))
}
