//! What `--set` says: values for the params of a workflow, or for the context where it has no such param.

use super::{
    config::nearest,
    project::Project,
    stop::{Exit, Stop},
};
use crate::{
    check::Workflow,
    expr::{self, Context, Expr, NoEnv},
    source::{Diagnostic, Source, Span},
    syntax::dsl,
    value::{Name, Symbol, Ty, Value},
};

/// Returns the params that are set; context values go into the settings of the project.
pub fn values(project: &mut Project, workflow: &Workflow) -> Result<Vec<(Name, Value)>, Stop> {
    let mut values = Vec::new();
    for (name, text) in std::mem::take(&mut project.set) {
        let param = workflow.params().iter().find(|it| it.name == name);
        match (param, Context::find(&name)) {
            (Some(param), _) => values.push((name.clone(), read(project, &name, &text, &param.ty)?)),
            (None, Some(context)) => {
                let value = read(project, &name, &text, &context.ty())?;
                if let Some(error) = context.field().refuses(&value) {
                    return Err(Stop::usage(format_args!("`--set {name}`: {error}")));
                }
                project.config.given.insert(context, value);
            }
            (None, None) => {
                let params = workflow.params().iter().map(|it| &*it.name);
                let names: Vec<_> = params.chain(Context::ALL.iter().map(|it| it.name())).collect();
                return Err(Stop::usage(format_args!("`{}` has no param `{name}`", workflow.name()))
                    .help(nearest(&name, &names)));
            }
        }
    }
    Ok(values)
}

/// Reads a value as an expression of the language; a bare word is text where text is wanted, as a shell would have it.
fn read(project: &mut Project, name: &str, text: &str, want: &Ty) -> Result<Value, Stop> {
    match want.required() {
        Ty::Symbol if Symbol::new(text).is_ok() => return Ok(Symbol::new(text).map(Value::from).unwrap_or_default()),
        Ty::Text | Ty::Members(_) if !text.starts_with('"') => return checked(name, Value::text(text), want),
        Ty::Path if !text.starts_with('"') => return Ok(Value::Path(text.into())),
        _ => {}
    }
    let source = Source::new(format!("--set {name}"), None, text);
    let id = project.sources.add(source.clone());
    let (tree, mut diagnostics) = dsl::parse_expr(id, &source, Span::new(id, 0, text.len()));
    let lowered = expr::lower(&tree, &mut NoEnv, Some(want), &mut diagnostics);
    if diagnostics.iter().any(Diagnostic::is_error) {
        project.say(&diagnostics);
        return Err(Stop { exit: Exit::Usage, ..Stop::said() });
    }
    evaluated(&lowered).and_then(|it| checked(name, it, want))
}

fn evaluated(expr: &Expr) -> Result<Value, Stop> {
    expr::eval(expr, &NoEnv).map_err(Stop::usage)
}

fn checked(name: &str, value: Value, want: &Ty) -> Result<Value, Stop> {
    match want.mismatch(&value) {
        Some(error) => Err(Stop::usage(format_args!("`--set {name}`: {error}"))),
        None => Ok(value),
    }
}
