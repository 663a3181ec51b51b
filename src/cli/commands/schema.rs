//! `wf schema`: the JSON Schemas, and the folder they are generated into.

use std::path::Path;

use crate::{
    cli::{
        args::SchemaArgs,
        say, schemas,
        stop::{Exit, Outcome, Stop},
    },
    slice::Registry,
};

/// Prints a schema, or writes or checks the generated folder.
pub fn run(args: &SchemaArgs, registry: &Registry) -> Outcome {
    match (&args.write, &args.check) {
        (Some(folder), _) => write(folder, registry),
        (None, Some(folder)) => Ok(check(folder, registry)),
        (None, None) => {
            say::data(format_args!("{:#}\n", schemas::of(args.of)));
            Ok(Exit::Done)
        }
    }
}

fn write(folder: &Path, registry: &Registry) -> Outcome {
    let unwritable = |path: &Path, error| Stop::usage(format_args!("cannot write `{}`: {error}", path.display()));
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    for (name, text) in schemas::files(registry) {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| unwritable(&path, error))?;
    }
    Ok(Exit::Done)
}

fn check(folder: &Path, registry: &Registry) -> Exit {
    let mut exit = Exit::Done;
    for (name, text) in schemas::files(registry) {
        let path = folder.join(name);
        if std::fs::read_to_string(&path).ok().as_deref() != Some(&text) {
            say::err(format_args!(
                "`{}` is not current; mend it with `wf schema --write {}`\n",
                path.display(),
                folder.display()
            ));
            exit = Exit::Failed;
        }
    }
    exit
}
