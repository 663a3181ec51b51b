//! A person's own model in the ONNX format, run by rten.

use std::fmt;

use rten::{DataType, Dimension, Model, NodeId, ValueType, ValueView};

use super::{features::FEATURES, learner::Predicts};
use crate::slice::Fault;

/// What its input and its output are called.
const INPUT: &str = "features";
const OUTPUT: &str = "probabilities";

/// A model whose input and output are what they must be.
pub(super) struct Onnx {
    model: Model,
    input: NodeId,
    output: NodeId,
    /// Whether it takes one row at a time.
    is_single: bool,
}

impl fmt::Debug for Onnx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Onnx")
    }
}

impl Onnx {
    /// Reads a model; what is wrong with it says what would be right.
    pub(super) fn read(bytes: Vec<u8>) -> Result<Self, String> {
        let model = Model::load(bytes).map_err(|it| format!("it cannot be read as ONNX: {it}"))?;
        let wanted = format!("`{INPUT}`: float32 [rows, {}]", FEATURES.len());
        let [input] = *model.input_ids() else {
            let names = names(&model, model.input_ids());
            return Err(format!("it has {} inputs ({names}), and one is supplied: {wanted}", model.input_ids().len()));
        };
        let (name, ty, shape) = node(&model, input);
        let its = format!("{name}: {} {}", typed(ty), shaped(shape.as_deref()));
        let wide = Dimension::Fixed(FEATURES.len());
        let is_single = match shape.as_deref() {
            Some([rows, width]) if *width == wide => match rows {
                Dimension::Fixed(1) => Some(true),
                Dimension::Fixed(_) => None,
                Dimension::Symbolic(_) => Some(false),
            },
            _ => None,
        };
        let Some(is_single) = is_single.filter(|_| name == format!("`{INPUT}`") && is_float(ty)) else {
            return Err(format!("its input is {its}, and what is supplied is {wanted}"));
        };
        let find = |id: &&NodeId| node(&model, **id).0 == format!("`{OUTPUT}`");
        let Some(output) = model.output_ids().iter().find(find).copied() else {
            let names = names(&model, model.output_ids());
            return Err(format!("its outputs are {names}, and `{OUTPUT}` is read: float32 [rows, 1] or [rows, 2]"));
        };
        let (name, ty, _) = node(&model, output);
        if ty.is_some() && !is_float(ty) {
            return Err(format!("its output is {name}: {}, and float32 is read", typed(ty)));
        }
        Ok(Self { model, input, output, is_single })
    }

    /// Returns what the file says of itself under a name, or the program that wrote it under `producer`.
    pub(super) fn said(&self, name: &str) -> Option<&str> {
        let said = self.model.metadata();
        if name == "producer" { said.producer_name() } else { said.get(name) }.filter(|it| !it.is_empty())
    }

    /// Returns the last column of what it says of rows.
    fn run(&self, rows: &[Vec<f64>]) -> Result<Vec<f64>, Fault> {
        let failed = |why: &dyn fmt::Display| Fault::input(format_args!("the ONNX model cannot be run: {why}"));
        // A model in double precision is run in single precision too.
        #[expect(clippy::cast_possible_truncation, reason = "the model takes singles")]
        let flat: Vec<f32> = rows.iter().flatten().map(|it| *it as f32).collect();
        let input = ValueView::from_shape([rows.len(), FEATURES.len()], &flat).map_err(|it| failed(&it))?;
        let mut said =
            self.model.run(vec![(self.input, input.into())], &[self.output], None).map_err(|it| failed(&it))?;
        let said = said.pop().ok_or_else(|| failed(&"it gives nothing"))?;
        let flat = match said.clone().into_shape_vec::<f32, 2>() {
            Ok((_, flat)) => flat,
            Err(_) => said.into_shape_vec::<f32, 1>().map_err(|it| failed(&it))?.1,
        };
        let width = flat.len() / rows.len().max(1);
        if !(1..=2).contains(&width) || flat.len() != width * rows.len() {
            let (found, count) = (flat.len(), rows.len());
            return Err(failed(&format_args!(
                "`{OUTPUT}` has {found} values for {count} rows: one or two each are read"
            )));
        }
        let column: Vec<f64> = flat.chunks(width).filter_map(|it| it.last()).map(|it| f64::from(*it)).collect();
        match column.iter().find(|it| !(0.0..=1.0).contains(*it)) {
            Some(odd) => Err(failed(&format_args!("it says {odd}, which is no probability"))),
            None => Ok(column),
        }
    }
}

impl Predicts for Onnx {
    fn predict(&self, rows: &[Vec<f64>]) -> Result<Vec<f64>, Fault> {
        if !self.is_single {
            return self.run(rows);
        }
        let mut said = Vec::with_capacity(rows.len());
        for row in rows.chunks(1) {
            said.extend(self.run(row)?);
        }
        Ok(said)
    }
}

fn node(model: &Model, id: NodeId) -> (String, Option<ValueType>, Option<Vec<Dimension>>) {
    let info = model.node_info(id);
    let name = info.as_ref().and_then(|it| it.name()).unwrap_or("?");
    (format!("`{name}`"), info.as_ref().and_then(|it| it.dtype()), info.as_ref().and_then(|it| it.shape()))
}

fn names(model: &Model, ids: &[NodeId]) -> String {
    ids.iter().map(|it| node(model, *it).0).collect::<Vec<_>>().join(", ")
}

fn is_float(ty: Option<ValueType>) -> bool {
    matches!(ty, Some(ValueType::Tensor(DataType::Float)))
}

fn typed(ty: Option<ValueType>) -> String {
    ty.map_or_else(
        || "of no type that can be run,".to_owned(),
        |it| it.to_string().replace("tensor(f32)", "float32").replace("tensor(i32)", "int32"),
    )
}

fn shaped(shape: Option<&[Dimension]>) -> String {
    let size = |it: &Dimension| match it {
        Dimension::Fixed(it) => it.to_string(),
        Dimension::Symbolic(it) => it.clone(),
    };
    shape.map_or_else(
        || "of no shape".to_owned(),
        |it| format!("[{}]", it.iter().map(size).collect::<Vec<_>>().join(", ")),
    )
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Golden {
        asked: Vec<Vec<f64>>,
        said: BTreeMap<String, Vec<f64>>,
    }

    pub fn file(name: &str) -> String {
        format!("{}/tests/golden/models/{name}", env!("CARGO_MANIFEST_DIR"))
    }

    #[test]
    fn says_what_onnxruntime_says() {
        let golden: Golden = serde_json::from_str(&std::fs::read_to_string(file("said.json")).unwrap()).unwrap();
        for (name, its) in &golden.said {
            let model = Onnx::read(std::fs::read(file(&format!("{name}.onnx"))).unwrap()).unwrap();
            let own = model.predict(&golden.asked).unwrap();
            assert_eq!(own.len(), its.len());
            for (own, its) in own.iter().zip(its) {
                assert!((own - its).abs() < 1e-5, "{name}: {own}, {its}");
            }
        }
        assert_eq!(golden.said.len(), 4);
    }

    #[test]
    fn a_model_that_takes_something_else_is_named() {
        let says = |name: &str| Onnx::read(std::fs::read(file(name)).unwrap()).unwrap_err();
        let supplied = "and what is supplied is `features`: float32 [rows, 24]";
        assert_eq!(says("narrow.onnx"), format!("its input is `features`: float32 [rows, 23], {supplied}"));
        assert_eq!(says("renamed.onnx"), format!("its input is `inputs`: float32 [rows, 24], {supplied}"));
        assert_eq!(says("whole.onnx"), format!("its input is `features`: int32 [rows, 24], {supplied}"));
        let unnamed = "its outputs are `score`, and `probabilities` is read: float32 [rows, 1] or [rows, 2]";
        assert_eq!(says("unnamed.onnx"), unnamed);
        assert!(Onnx::read(b"no model at all".to_vec()).unwrap_err().starts_with("it cannot be read as ONNX"));
    }
}
