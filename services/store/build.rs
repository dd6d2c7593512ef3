//! The migrations live outside this package and are embedded at compile time: a new file there must rebuild it.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
