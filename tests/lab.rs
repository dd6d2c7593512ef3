//! The laboratory left running for a person.

fn main() {
    let run = laboratory::enter();
    println!("{}", run.folder.display());
    run.remove();
}
