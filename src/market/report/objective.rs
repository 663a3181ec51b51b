//! A metric as a choice.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::measures::{Better, MEASURES, Measure, SHARPE};

/// A metric, chosen by its name: the objective of a search, say.
#[derive(Clone, Copy, Debug)]
pub struct Objective(&'static Measure);

impl Objective {
    /// Returns the metric of a name, where a search may look for it.
    pub fn find(name: &str) -> Option<Self> {
        MEASURES.iter().find(|it| it.name == name && it.better.is_some()).map(Self)
    }

    /// Returns the name of the metric.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Says whether less of it is better.
    pub fn wants_less(self) -> bool {
        self.0.better == Some(Better::Less)
    }
}

impl Default for Objective {
    /// The Sharpe ratio.
    fn default() -> Self {
        Self(&SHARPE)
    }
}

impl JsonSchema for Objective {
    fn schema_name() -> Cow<'static, str> {
        "Objective".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": MEASURES.iter().filter(|it| it.better.is_some()).map(|it| it.name).collect::<Vec<_>>() })
    }
}

impl Serialize for Objective {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Objective {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = Cow::<str>::deserialize(from)?;
        Self::find(&name).ok_or_else(|| {
            D::Error::custom(format_args!("`{name}` is nothing to search for; `wf explain metrics` says what is"))
        })
    }
}
