//! When a channel was created, as far as its id tells.

pub(crate) const SECOND_US: i64 = 1_000_000;
/// How far the second in the id may be from `Newchannel`; and so how far the creation of a call may be from its start.
pub(crate) const NEW_US: i64 = 10 * SECOND_US;
/// No channel lives longer.
const OLD_US: i64 = 400 * 24 * 3_600 * SECOND_US;

/// How a channel came to be known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    Born,
    Met,
}

/// The creation time that goes into a call's identity: the second in `[node-]second.counter`, which everybody who hears
/// of the channel reads alike, also from a list after a reconnect; for any other id the time of the first event.
pub(crate) fn created_us(unique_id: &str, at_us: i64, sight: Sight) -> i64 {
    let oldest = match sight {
        Sight::Born => NEW_US,
        Sight::Met => OLD_US,
    };
    let plausible = |us: &i64| (-oldest..=NEW_US).contains(&us.saturating_sub(at_us));
    second(unique_id).and_then(|second| second.checked_mul(SECOND_US)).filter(plausible).unwrap_or(at_us)
}

pub(crate) fn second(unique_id: &str) -> Option<i64> {
    parts(unique_id)?.0.parse().ok()
}

/// Channels are counted as they are created.
pub(crate) fn counter(unique_id: &str) -> Option<u64> {
    parts(unique_id)?.1.parse().ok()
}

fn parts(unique_id: &str) -> Option<(&str, &str)> {
    let (head, counter) = unique_id.rsplit_once('.')?;
    let second = head.rsplit_once('-').map_or(head, |(_, second)| second);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(counter) && digits(second)).then_some((second, counter))
}

/// From one time to another; None if either is unknown or they are in the wrong order.
pub(crate) fn between(from: Option<i64>, to: Option<i64>) -> Option<i64> {
    to?.checked_sub(from?).filter(|us| *us >= 0)
}

pub(crate) fn earliest(times: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    times.flatten().min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_tell_their_second() {
        let at = 1_795_244_047_836_907;
        let second = 1_795_244_047_000_000;
        for id in ["1795244047.127", "nodeA-1795244047.127", "node-b-1795244047.1"] {
            assert_eq!(created_us(id, at, Sight::Born), second, "{id}");
            assert_eq!(created_us(id, at + 3_600_000_000, Sight::Met), second, "{id}");
        }
        for id in ["order-7", "", "nodeA-17.1", "1795244047", "1795244047.", ".1", "99999999999999999999.1"] {
            assert_eq!(created_us(id, at, Sight::Born), at, "{id}");
        }
        assert_eq!(created_us("1795244047.127", at + 60 * SECOND_US, Sight::Born), at + 60 * SECOND_US);
    }
}
