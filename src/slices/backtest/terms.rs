//! What both kinds of backtest trade under.

use rust_decimal::Decimal;

use crate::{
    market::{Amount, Costs, FillModel, Limits, Ratio, Setup, Units},
    slice::Fault,
    value::{Currency, Money, Percent, Quantity, QuantityUnit},
};

/// Under what terms a backtest trades.
pub(in crate::slices) struct Terms {
    pub(in crate::slices) capital: Money,
    pub(in crate::slices) costs: Option<Costs>,
    pub(in crate::slices) limits: Limits,
    pub(in crate::slices) lot: Option<Quantity>,
    pub(in crate::slices) participation: Option<Percent>,
    pub(in crate::slices) margin: Option<Percent>,
}

impl Terms {
    /// Returns what the kernel begins with.
    ///
    /// # Errors
    /// Amounts of another currency than the capital's, costs of the whole price, a lot that is none.
    pub(in crate::slices) fn setup(self) -> Result<Setup, Fault> {
        let costs = self.costs.unwrap_or_default();
        let amounts = [
            ("costs.fee_per_share", costs.fee_per_share),
            ("costs.minimum_fee", costs.minimum_fee),
            ("limits.max_position", money(self.limits.max_position.as_ref())),
            ("limits.max_gross", money(self.limits.max_gross.as_ref())),
            ("limits.max_daily_loss", money(self.limits.max_daily_loss.as_ref())),
            ("limits.max_drawdown", money(self.limits.max_drawdown.as_ref())),
        ];
        for (name, amount) in amounts.into_iter().filter_map(|(name, it)| Some((name, it?))) {
            same_currency(name, amount, self.capital.currency)?;
        }
        if costs.price_impact() >= Decimal::ONE {
            return Err(Fault::input("slippage and half the spread are 100% of the price or more"));
        }
        let mut model = FillModel::new(costs);
        model.participation = self.participation.map(|it| it.0);
        model.lot = lot(self.lot)?;
        let mut setup = Setup { limits: self.limits, keeps_orders: true, ..Setup::new(self.capital.amount, model) };
        if let Some(margin) = self.margin.and_then(|it| Ratio::of(it.0)) {
            setup.margin = margin;
        }
        Ok(setup)
    }
}

/// Returns the smallest quantity that is traded: a share where it is not said.
///
/// # Errors
/// A quantity that is none.
pub(in crate::slices) fn lot(lot: Option<Quantity>) -> Result<Units, Fault> {
    let Some(lot) = lot else { return Ok(Units::one()) };
    let unit = Units::floor(lot.amount, Units(1));
    if lot.unit != QuantityUnit::Shares || unit.0 == 0 || unit.decimal() != lot.amount {
        let legal = "a lot is a number of shares of at most 8 decimals, above 0";
        return Err(Fault::input(format_args!("`lot` is `{lot}`: {legal}")));
    }
    Ok(unit)
}

fn money(amount: Option<&Amount>) -> Option<Money> {
    amount.and_then(|it| if let Amount::Money(it) = it { Some(*it) } else { None })
}

fn same_currency(name: &str, amount: Money, currency: Currency) -> Result<(), Fault> {
    if amount.currency == currency && amount.amount >= Decimal::ZERO {
        return Ok(());
    }
    Err(Fault::input(format_args!(
        "`{name}` is `{amount}`: it must be an amount of {currency}, as the capital is, from 0 on"
    )))
}
