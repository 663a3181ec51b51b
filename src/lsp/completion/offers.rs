//! What may stand at a mark, by what the checker knows of it.

use std::path::Path;

use lsp_types::CompletionItemKind as Kind;

use super::{Offer, Question};
use crate::{
    check::{
        MODES,
        index::{Call, DeclKind, Expected, fields},
    },
    expr::{BASIC, BUILTINS, Context},
    lsp::{
        describe,
        state::{Analysis, State},
    },
    market::indicators,
    source::Span,
    strategy::{FUNCTIONS, PRICES},
    syntax::{literal::UNITS, words},
    value::{Field, Ty},
};

/// Returns all that may stand at a mark in an expression, a call or a clause.
pub(super) fn at(state: &State<'_>, analysis: &Analysis, mark: Span) -> Vec<Offer> {
    let index = &analysis.index;
    let mut offers = Vec::new();
    for expected in index.expected(mark) {
        match expected {
            Expected::Callee => offers.extend(callees(state, analysis)),
            Expected::Member(of) => offers.extend(members(state, analysis, of)),
            Expected::Field(ty) => offers.extend(fields(state.registry, ty).iter().map(|it| field(state, it))),
            Expected::Output(outputs) => {
                offers.extend(outputs.iter().map(|it| Offer::new(it.name, Kind::FIELD).detail("Series<Decimal>")));
            }
            Expected::Type => offers.extend(types(state, analysis)),
            Expected::Step => offers.extend(steps(analysis, mark)),
            Expected::Pattern(ty) => {
                offers.extend(texts(Some(ty), true));
                offers.push(Offer::new("_", Kind::KEYWORD).detail("every other value"));
            }
            Expected::Key(open) => offers.extend(open.iter().map(|it| key(state, it))),
            Expected::Mode => offers.extend(MODES.iter().map(|it| Offer::new(*it, Kind::ENUM_MEMBER).rank(0))),
        }
    }
    let named = |it: &Call| it.unnamed.contains(&mark) && !it.positional;
    let call = index.call_around(mark.file, mark.start);
    if let Some(typed) = index.typed(mark).filter(|_| !call.is_some_and(named)) {
        offers.extend(values(state, analysis, mark, typed.want.as_ref()));
    }
    offers
}

/// Returns how well a value of a type stands where another is wanted: the least is best.
fn rank(ty: &Ty, want: Option<&Ty>) -> u8 {
    match want {
        None | Some(Ty::Unknown | Ty::Any) => 2,
        Some(want) if !matches!(ty, Ty::Unknown | Ty::Any) && ty.fits(want) => 0,
        Some(want) if !matches!(ty, Ty::Unknown | Ty::Any) && ty.required().fits(want.required()) => 1,
        _ => 4,
    }
}

/// Returns the values that can be named at a mark, those of the type that is wanted first.
pub(super) fn values(state: &State<'_>, analysis: &Analysis, mark: Span, want: Option<&Ty>) -> Vec<Offer> {
    let index = &analysis.index;
    let mut offers = texts(want, true);
    let own = |declared: Option<Span>| {
        let decl = declared.and_then(|it| index.declaration(it));
        let inside = |whole: Span| whole.file == mark.file && whole.start <= mark.start && mark.end <= whole.end;
        decl.is_some_and(|it| matches!(it.kind, DeclKind::Step | DeclKind::Let | DeclKind::Param) && inside(it.whole))
    };
    let visible = index.visible(mark.file, mark.start);
    for it in visible.iter().filter(|it| !own(it.declared)) {
        let kind = if it.kind == DeclKind::Param { Kind::CONSTANT } else { Kind::VARIABLE };
        let doc = it.declared.and_then(|it| index.declaration(it)).and_then(|it| it.doc.clone());
        let offer = Offer::new(&*it.name, kind).detail(it.ty.to_string()).doc(doc.as_deref().unwrap_or_default());
        offers.push(offer.rank(rank(&it.ty, want)));
        // A field of the type that is wanted is as good as named.
        let nominal = want.is_some_and(|it| matches!(it.required(), Ty::Domain(_) | Ty::List(_) | Ty::Record(_)));
        if nominal && rank(&it.ty, want) > 0 {
            let fitting = fields(state.registry, &it.ty).into_iter().filter(|it| rank(&it.ty, want) == 0);
            offers.extend(fitting.map(|field| {
                let label = format!("{}.{}", it.name, field.name);
                Offer::new(label, Kind::FIELD).detail(field.ty.to_string()).doc(&*field.doc).rank(1)
            }));
        }
    }
    if index.in_strategy(mark.file, mark.start) {
        offers.extend(series());
        return offers;
    }
    for context in Context::ALL.iter().filter(|it| !visible.iter().any(|name| *name.name == *it.name())) {
        let ty = context.ty();
        let rank = rank(&ty, want).max(1) + 1;
        offers.push(Offer::new(context.name(), Kind::VARIABLE).detail(ty.to_string()).doc(context.doc()).rank(rank));
    }
    offers.extend(items(analysis, DeclKind::Strategy, rank(&Ty::domain("Strategy"), want)));
    offers.extend(BUILTINS.iter().map(|it| called(it.name, it.signature, it.doc)));
    offers
}

/// Returns the texts and truth values that are wanted.
pub(super) fn texts(want: Option<&Ty>, quoted: bool) -> Vec<Offer> {
    let Some(want) = want else { return Vec::new() };
    let mut offers = match want.required() {
        Ty::Members(names) => {
            let label = |it: &str| if quoted { format!("\"{it}\"") } else { it.to_owned() };
            names.iter().map(|it| Offer::new(label(it), Kind::ENUM_MEMBER).rank(0)).collect()
        }
        Ty::Bool => ["true", "false"].iter().map(|it| Offer::new(*it, Kind::KEYWORD).rank(1)).collect(),
        Ty::Union(cases) => cases.iter().flat_map(|it| texts(Some(it), quoted)).collect(),
        _ => Vec::new(),
    };
    if want.takes_none() && matches!(want, Ty::Optional(_)) {
        offers.push(Offer::new("none", Kind::KEYWORD).rank(3));
    }
    offers
}

fn called(name: &str, signature: &str, doc: &str) -> Offer {
    let mut offer = Offer::new(name, Kind::FUNCTION).detail(signature).doc(doc).insert(format!("{name}("));
    offer.snippet = Some(format!("{name}($0)"));
    offer
}

/// Returns what only strategies see: prices, indicators and functions.
fn series() -> Vec<Offer> {
    let prices = PRICES.iter().map(|(it, _)| Offer::new(*it, Kind::VARIABLE).detail("Series<Decimal>").rank(2));
    let functions = FUNCTIONS.iter().map(|it| called(it.name, it.signature, it.doc));
    let indicators = indicators::all().map(|it| called(it.name, &it.signature(), it.doc));
    let account = ["equity"].iter().map(|it| Offer::new(*it, Kind::VARIABLE).detail("Money").rank(6));
    prices.chain(functions).chain(indicators).chain(account).collect()
}

/// Returns what a step can do: call a method or a workflow, go through a list, choose.
fn callees(state: &State<'_>, analysis: &Analysis) -> Vec<Offer> {
    let slices = state.registry.slices().map(|it| {
        let mut offer = Offer::new(it, Kind::MODULE).detail("slice").doc(describe::slice(state.registry, it)).rank(1);
        offer.insert = Some(format!("{it}."));
        offer
    });
    let mut offers: Vec<Offer> = slices.collect();
    offers.extend(items(analysis, DeclKind::Workflow, 1));
    let words =
        [("for", "for ${1:x} in ${2:list} {\n  $0\n  yield $1\n}"), ("match", "match ${1:value} {\n  _ => $0\n}")];
    offers.extend(words.map(|(word, snippet)| keyword(word, Some(snippet), 1)));
    offers
}

/// Returns a word of the language.
pub(super) fn keyword(word: &str, snippet: Option<&str>, rank: u8) -> Offer {
    let mut offer = Offer::new(word, Kind::KEYWORD).doc(words::meaning(word).unwrap_or_default()).rank(rank);
    offer.snippet = snippet.map(str::to_owned);
    offer
}

/// Returns the workflows, strategies or types that the file can name.
pub(super) fn items(analysis: &Analysis, kind: DeclKind, rank: u8) -> Vec<Offer> {
    let shown = if kind == DeclKind::Type { Kind::STRUCT } else { Kind::FUNCTION };
    let known = analysis.index.items.iter().filter_map(|(name, span)| Some((name, analysis.index.declaration(*span)?)));
    let known = known.filter(|(_, it)| it.kind == kind);
    let offer = known.map(|(name, it)| {
        let doc = it.doc.as_deref().unwrap_or_default();
        Offer::new(name, shown).detail(describe::signature(analysis, it)).doc(doc).rank(rank)
    });
    offer.collect()
}

/// Returns the methods of a slice, and what stands behind a namespace.
pub(super) fn members(state: &State<'_>, analysis: &Analysis, of: &str) -> Vec<Offer> {
    let methods =
        state.registry.methods(of).iter().map(|it| {
            Offer::new(it.name, Kind::METHOD).detail(it.output.to_string()).doc(describe::method(it)).rank(0)
        });
    let mut offers: Vec<Offer> = methods.collect();
    for (name, span) in &analysis.index.items {
        let Some(name) = name.strip_prefix(of).and_then(|it| it.strip_prefix('.')) else { continue };
        let Some(decl) = analysis.index.declaration(*span) else { continue };
        offers.push(Offer::new(name, Kind::FUNCTION).detail(describe::signature(analysis, decl)).rank(0));
    }
    offers
}

fn field(state: &State<'_>, it: &Field) -> Offer {
    let doc = describe::field(state.registry, it);
    Offer::new(&*it.name, Kind::FIELD).detail(it.ty.to_string()).doc(doc).rank(0)
}

/// Returns an argument or a setting that is not given yet; what must be given comes first.
fn key(state: &State<'_>, it: &Field) -> Offer {
    let doc = if it.ty == Ty::Unknown { it.doc.to_string() } else { describe::field(state.registry, it) };
    let detail = if it.ty == Ty::Unknown { String::new() } else { it.ty.to_string() };
    let rank = u8::from(it.is_optional());
    Offer::new(&*it.name, Kind::PROPERTY).detail(detail).doc(doc).insert(format!("{}: ", it.name)).rank(rank)
}

fn types(state: &State<'_>, analysis: &Analysis) -> Vec<Offer> {
    let basic = BASIC.iter().map(|it| Offer::new(*it, Kind::STRUCT).rank(1));
    let domains = state.registry.domains().map(|it| Offer::new(it.name, Kind::CLASS).doc(&*it.doc).rank(2));
    basic.chain(domains).chain(items(analysis, DeclKind::Type, 0)).collect()
}

fn steps(analysis: &Analysis, mark: Span) -> Vec<Offer> {
    let index = &analysis.index;
    let visible = index.visible(mark.file, mark.start).into_iter().filter(|it| it.kind == DeclKind::Step);
    let inside = |whole: Span| whole.start <= mark.start && mark.end <= whole.end;
    let others = visible.filter(|it| {
        let decl = it.declared.and_then(|it| index.declaration(it));
        decl.is_none_or(|it| it.whole.file != mark.file || !inside(it.whole))
    });
    others.map(|it| Offer::new(&*it.name, Kind::VARIABLE).detail(it.ty.to_string()).rank(0)).collect()
}

/// Returns the units that a number can have where this type is wanted, each with the number before it.
pub(super) fn units(number: &str, want: Option<&Ty>) -> Vec<Offer> {
    let one = |unit: &str, says: &str| Offer::new(format!("{number}{unit}"), Kind::UNIT).detail(says).rank(0);
    let known = |it: &[(&str, &str)]| it.iter().map(|(unit, says)| one(unit, says)).collect::<Vec<_>>();
    let times =
        [("ms", "milliseconds"), ("s", "seconds"), ("m", "minutes"), ("h", "hours"), ("d", "days"), ("w", "weeks")];
    match want.map(Ty::required) {
        Some(Ty::Duration) => known(&times),
        Some(Ty::Period) => known(&[("mo", "months"), ("y", "years")]),
        Some(Ty::Percent) => known(&[("%", "percent"), ("bps", "hundredths of a percent")]),
        Some(Ty::Money(Some(currency))) => known(&[(&format!(" {currency}"), "money")]),
        Some(Ty::Money(None)) => known(&[(" USD", "money"), (" EUR", "money"), (" GBP", "money")]),
        Some(Ty::Quantity) => known(&[(" shares", "shares"), (" contracts", "contracts"), (" lots", "lots")]),
        Some(Ty::BarCount) => known(&[(" bars", "bars")]),
        Some(Ty::Leverage) => known(&[("x", "times the capital")]),
        Some(Ty::RMultiple) => known(&[("R", "times what the stop loses")]),
        Some(Ty::Range(it)) => units(number, Some(it)),
        Some(Ty::Union(cases)) => cases.iter().flat_map(|it| units(number, Some(it))).collect(),
        None | Some(Ty::Unknown | Ty::Any) => {
            let spaced = [(" USD", "money"), (" bars", "bars"), (" shares", "shares")];
            let joined = UNITS.iter().map(|it| one(it, "").rank(1));
            joined.chain(known(&spaced)).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the files that can be imported from here, in the folder that is typed already.
pub(super) fn files(question: &Question<'_, '_>, typed: &str) -> Vec<Offer> {
    let Some(folder) = question.source.path().and_then(Path::parent) else { return Vec::new() };
    let (head, _) = typed.rsplit_once('/').map_or(("", typed), |(head, rest)| (head, rest));
    let prefix = if head.is_empty() { "./".to_owned() } else { format!("{head}/") };
    let Ok(entries) = std::fs::read_dir(folder.join(head)) else { return Vec::new() };
    let mut offers = Vec::new();
    for entry in entries.flatten().take(1_000) {
        let (name, is_folder) = (entry.file_name(), entry.file_type().is_ok_and(|it| it.is_dir()));
        let Some(name) = name.to_str().filter(|it| !it.starts_with('.') && *it != "wf.yaml" && *it != "target") else {
            continue;
        };
        if is_folder {
            offers.push(Offer::new(format!("{prefix}{name}/"), Kind::FOLDER).rank(2));
        } else if [".wf", ".yaml", ".yml"].iter().any(|it| name.ends_with(it)) && entry.path() != question.path {
            offers.push(Offer::new(format!("{prefix}{name}"), Kind::FILE).rank(1));
        }
    }
    offers
}
