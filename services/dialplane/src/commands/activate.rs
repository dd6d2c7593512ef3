use std::process::ExitCode;

use activation::{Active, Draft, Look, Part, Refusal, activate};
use runtime::Config;

use super::{generations, open, verify};
use crate::{
    answer,
    cli::Activate,
    failure::{DONE, Failure},
};

pub(crate) async fn run(config: &Config, arguments: &Activate) -> Result<ExitCode, Failure> {
    let store = open(config).await?;
    let draft = Draft::read(&store, Look::Whole, Part::All, Active::newest(&store).await?).await?;
    if !arguments.json {
        verify::View::of(&draft).print();
    }
    match activate(&store, draft, arguments.about.order(arguments.force)).await {
        Ok(active) => {
            if arguments.json {
                answer::json(active.record())?;
            } else {
                generations::print_activated(active.record());
            }
            Ok(DONE)
        }
        Err(Refusal::Unchanged) => {
            println!("nothing to activate");
            Ok(DONE)
        }
        Err(refusal) => Err(refusal.into()),
    }
}
