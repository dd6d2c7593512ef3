//! Transfers, pickup, parking: who joins whom, and whose end is not the end of the call.

use asterisk::ami::{AttendedTransfer, BlindTransfer, Channel, Parking};

use crate::{record::CallUpdate, state::Calls};

impl Calls {
    pub(crate) fn blind_transfer(&mut self, transfer: &BlindTransfer<'_>, updates: &mut Vec<CallUpdate>) {
        self.join_channels([transfer.transferer, transfer.transferee], updates);
        if transfer.is_success {
            self.leaves(transfer.transferer);
        }
    }

    pub(crate) fn attended_transfer(
        &mut self,
        transfer: &AttendedTransfer<'_>,
        updates: &mut Vec<CallUpdate>,
    ) {
        if !transfer.is_success {
            return;
        }
        let legs = [
            transfer.transferer,
            transfer.second_transferer,
            transfer.transferee,
            transfer.target,
            transfer.local_one,
            transfer.local_two,
        ];
        self.join_channels(legs, updates);
        self.leaves(transfer.transferer);
        self.leaves(transfer.second_transferer);
    }

    pub(crate) fn parked(&mut self, parking: &Parking<'_>, updates: &mut Vec<CallUpdate>) {
        self.join_channels([parking.parkee, parking.retriever, parking.parker], updates);
    }

    fn leaves(&mut self, channel: Option<Channel<'_>>) {
        let place = channel.as_ref().and_then(|channel| self.find(channel));
        if let Some(leg) = place.and_then(|place| self.leg(place)) {
            leg.transferred = true;
        }
    }
}
