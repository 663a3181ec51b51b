//! Levels of a body: how far from the start each step stands.

use super::Body;

impl Body {
    /// Returns for each step the length of the longest chain of steps before it: those of one level may run side by
    /// side.
    pub fn levels(&self) -> Vec<u32> {
        let mut levels = vec![0; self.steps.len()];
        for at in self.order() {
            let needs = self.step(*at).needs.iter().filter_map(|it| levels.get(*it as usize).copied());
            let level = needs.map(|it| it + 1).max().unwrap_or(0);
            if let Some(place) = levels.get_mut(*at as usize) {
                *place = level;
            }
        }
        levels
    }

    /// Returns the longest chain of steps, from the first to the last: what no number of workers makes shorter.
    pub fn longest_chain(&self) -> Vec<u32> {
        let levels = self.levels();
        let level = |it: &u32| levels.get(*it as usize).copied().unwrap_or(0);
        // Of several the first in the file, so that the answer does not change by itself.
        let first = |them: &mut dyn Iterator<Item = u32>| them.min_by_key(|it| (std::cmp::Reverse(level(it)), *it));
        let mut next = first(&mut (0..super::number(self.steps.len())));
        let mut chain = Vec::new();
        while let Some(step) = next {
            chain.push(step);
            next = first(&mut self.step(step).needs.iter().copied());
        }
        chain.reverse();
        chain
    }
}
