//! A metric as a choice.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::measures::{Better, MEASURES, Measure, SHARPE};

/// A metric, chosen by its name: the objective of a search, say.
#[derive(Clone, Copy, Debug)]
pub struct Objective(&'static Measure);

/// A metric, chosen by its name, be it better or worse where it is greater.
#[derive(Clone, Copy, Debug)]
pub struct AnyMetric(&'static Measure);

impl Objective {
    /// Says whether less of it is better.
    pub fn wants_less(self) -> bool {
        self.0.better == Some(Better::Less)
    }

    fn is_legal(measure: &Measure) -> bool {
        measure.better.is_some()
    }
}

impl AnyMetric {
    fn is_legal(_: &Measure) -> bool {
        true
    }
}

impl Default for Objective {
    /// The Sharpe ratio.
    fn default() -> Self {
        Self(&SHARPE)
    }
}

macro_rules! chosen { ($($Metric:ident $refusal:literal)+) => { $(
    impl $Metric {
        /// Returns the metric of a name, where it may be chosen.
        pub fn find(name: &str) -> Option<Self> {
            Self::legal().find(|it| it.name == name).map(Self)
        }

        /// Returns the name of the metric.
        pub fn name(self) -> &'static str {
            self.0.name
        }

        /// Returns the metric.
        pub fn measure(self) -> &'static Measure {
            self.0
        }

        fn legal() -> impl Iterator<Item = &'static Measure> {
            MEASURES.iter().filter(|it| Self::is_legal(it))
        }
    }

    impl JsonSchema for $Metric {
        fn schema_name() -> Cow<'static, str> {
            stringify!($Metric).into()
        }
        fn inline_schema() -> bool {
            true
        }
        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({ "type": "string", "enum": Self::legal().map(|it| it.name).collect::<Vec<_>>() })
        }
    }

    impl Serialize for $Metric {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            to.serialize_str(self.name())
        }
    }

    impl<'de> Deserialize<'de> for $Metric {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let name = Cow::<str>::deserialize(from)?;
            Self::find(&name).ok_or_else(|| {
                D::Error::custom(format_args!("`{name}` is {}; `wf explain metrics` says what is", $refusal))
            })
        }
    }
)+ } }
chosen! { Objective "nothing to search for" AnyMetric "no metric" }
