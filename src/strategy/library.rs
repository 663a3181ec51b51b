//! The strategies that come with wf, written in its language.

use std::sync::{Arc, OnceLock};

use super::{Strategy, compile::compile, instance::with_defaults};
use crate::{
    expr::{Template, Types},
    source::{FileId, Source},
    syntax::{self, ast::Item},
    value::{Name, Ty},
};

macro_rules! shipped { ($($name:literal)+) => {
    /// The texts, by the name of the file and of the strategy in it.
    const SHIPPED: &[(&str, &str)] =
        &[$(($name, include_str!(concat!("../../workflows/strategies/", $name, ".wf")))),+];
} }
shipped! {
    "sma_cross" "ema_trend" "macd_trend" "donchian_breakout" "momentum" "rsi_reversion" "bollinger_reversion"
    "buy_and_hold"
}

/// Strategies name no types but the basic ones.
struct Basic;

impl Types for Basic {
    fn named(&self, _: &str) -> Option<Ty> {
        None
    }
    fn names(&self) -> Vec<Name> {
        Vec::new()
    }
}

/// Returns the texts of the strategies that come with wf, each with its name.
pub fn library_sources() -> &'static [(&'static str, &'static str)] {
    SHIPPED
}

/// Returns the strategies that come with wf. They are checked once; the tests see to it that all of them pass.
pub fn library() -> Vec<Arc<dyn Template>> {
    static LIBRARY: OnceLock<Vec<Arc<dyn Template>>> = OnceLock::new();
    LIBRARY.get_or_init(|| SHIPPED.iter().filter_map(|(name, text)| from_text(name, text)).collect()).clone()
}

/// Returns the first strategy of a text, where it holds a right one.
pub fn from_text(name: &str, text: &str) -> Option<Arc<dyn Template>> {
    all_from(&Source::new(format!("strategies/{name}.wf"), None, text)).into_iter().next()
}

/// Returns the strategies of a text that are right; they see no types of other files.
pub fn all_from(source: &Source) -> Vec<Arc<dyn Template>> {
    let file = syntax::parse(FileId(0), source).file;
    let right = |it: &Item| if let Item::Strategy(def) = it { compile(def, &Basic, &mut Vec::new()) } else { None };
    file.items.iter().filter_map(right).collect()
}

/// Returns what a choice is made among where nobody names candidates: the strategies that come with wf, with their defaults.
pub fn candidates() -> Vec<Strategy> {
    library().iter().filter_map(|it| with_defaults(&**it)).collect()
}
