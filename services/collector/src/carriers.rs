use std::collections::BTreeMap;

use prometheus::{CounterVec, IntCounterVec, Opts, Registry};
use traffic::{Outcome, Sums};

use crate::metrics::register;

/// How attempts end, by carrier: counted once, when their call is first summed up. A record that changes later moves the
/// rows that reports are made of, not these.
#[derive(Debug)]
pub(crate) struct Carriers {
    attempts: IntCounterVec,
    talk_seconds: CounterVec,
    pdd_seconds: CounterVec,
    pdd_attempts: IntCounterVec,
}

impl Carriers {
    pub(crate) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let by =
            |name: &str, help: &str| (Opts::new(format!("dialplane_traffic_{name}"), help), ["provider"]);
        let (opts, labels) = by("talk_seconds_total", "Time talked through a carrier, by its id.");
        let talk_seconds = register(registry, CounterVec::new(opts, &labels)?)?;
        let (opts, labels) = by("pdd_seconds_total", "Time from attempts to their first ringing, or answer.");
        let pdd_seconds = register(registry, CounterVec::new(opts, &labels)?)?;
        let (opts, labels) = by("pdd_attempts_total", "Attempts that came so far.");
        let pdd_attempts = register(registry, IntCounterVec::new(opts, &labels)?)?;
        let (opts, _) = by("attempts_total", "Attempts by carrier and by what became of them.");
        let attempts = register(registry, IntCounterVec::new(opts, &["provider", "outcome"])?)?;
        Ok(Self { attempts, talk_seconds, pdd_seconds, pdd_attempts })
    }

    pub(crate) fn count(&self, fresh: &BTreeMap<i64, Sums>) {
        for (provider, sums) in fresh {
            let provider = &*provider.to_string();
            for outcome in Outcome::ALL {
                let attempts = sums.of_outcome(outcome).unsigned_abs();
                self.attempts.with_label_values(&[provider, outcome.word()]).inc_by(attempts);
            }
            self.talk_seconds.with_label_values(&[provider]).inc_by(seconds(sums.talk_us));
            self.pdd_seconds.with_label_values(&[provider]).inc_by(seconds(sums.pdd_us));
            self.pdd_attempts.with_label_values(&[provider]).inc_by(sums.pdds.unsigned_abs());
        }
    }
}

/// A metric is no bill: rounding to what a float holds does no harm here.
fn seconds(us: i64) -> f64 {
    std::time::Duration::from_micros(us.unsigned_abs()).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use prometheus::TextEncoder;

    use super::*;

    #[test]
    fn attempts_are_counted_by_carrier_and_outcome() {
        let registry = Registry::new();
        let carriers = Carriers::new(&registry).unwrap();
        let mut values = [0; 16];
        // Attempts, answered and busy ones; talk, talks, PDD and how many had one.
        (values[0], values[1], values[2]) = (3, 2, 1);
        values[12..].copy_from_slice(&[90_500_000, 2, 1_250_000, 3]);
        carriers.count(&BTreeMap::from([(4, Sums::of(values))]));
        carriers.count(&BTreeMap::from([(4, Sums::of(values))]));
        let text = TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
        for line in [
            "dialplane_traffic_attempts_total{outcome=\"answered\",provider=\"4\"} 4",
            "dialplane_traffic_attempts_total{outcome=\"user_busy\",provider=\"4\"} 2",
            "dialplane_traffic_attempts_total{outcome=\"network\",provider=\"4\"} 0",
            "dialplane_traffic_talk_seconds_total{provider=\"4\"} 181",
            "dialplane_traffic_pdd_seconds_total{provider=\"4\"} 2.5",
            "dialplane_traffic_pdd_attempts_total{provider=\"4\"} 6",
        ] {
            assert!(text.lines().any(|there| there == line), "{line}\n{text}");
        }
    }
}
