use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What happened since the journal was opened.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Counts { $($(#[$doc])* pub $name: u64,)* }

        #[derive(Debug, Default)]
        pub(crate) struct Counters { $($name: AtomicU64,)* }

        impl Counters {
            pub(crate) fn snapshot(&self) -> Counts {
                Counts { $($name: self.$name.load(Relaxed),)* }
            }

            $(pub(crate) fn $name(&self, more: u64) {
                self.$name.fetch_add(more, Relaxed);
            })*
        }
    };
}

counters! {
    /// Records that became durable.
    records,
    /// Bytes that became durable, headers included.
    bytes,
    /// Times the disk was asked to make bytes durable.
    fsyncs,
    /// Records of class `Noise` that were dropped.
    dropped_noise,
    /// Records of class `Keep` that were dropped.
    dropped_keep,
    /// Ranges of lost numbers that were written down.
    gaps,
    /// Ranges of numbers that readers found unreadable.
    damaged,
    /// Bytes that readers passed over on their way to the next sound record.
    damaged_bytes,
    /// Bytes cut off the end of the last segment when the journal was opened.
    torn_bytes,
    /// Failed attempts to write, a full disk included.
    write_errors,
    /// Microseconds in which the disk was full.
    disk_full_us,
    /// Segments removed because every consumer had them and they were old enough.
    segments_expired,
    /// Segments removed because the folder had reached its cap.
    segments_capped,
    /// Numbers in segments removed by the cap that a consumer had not passed.
    removed_unread,
}
