//! From operations on masks to a function.

use std::fmt;

use cranelift_codegen::ir::{
    AbiParam, BlockArg, InstBuilder, MemFlagsData, SigRef, Signature, StackSlotData, StackSlotKind, Value, types,
};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Linkage, Module};
use parapet_columns::{Answers, Mask, Op, Oracle, Program, Row, Verdicts};

use crate::run::{Context, Entry};

/// Why a program cannot be compiled: this machine is not known to Cranelift, or has no memory to execute.
#[derive(Debug)]
pub struct CompileError(String);

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CompileError {}

fn refused(error: impl fmt::Display) -> CompileError {
    CompileError(error.to_string())
}

/// The machine code of a program.
pub struct Compiled {
    entry: Entry,
    /// `None` only while it is dropped.
    module: Option<JITModule>,
}

// SAFETY: after `new` the module is not used but to free its memory, and the code writes nothing but its own stack and what it
// is called with.
unsafe impl Send for Compiled {}
// SAFETY: as above: code that many threads execute is only read.
unsafe impl Sync for Compiled {}

impl Compiled {
    /// Compiles a program.
    pub fn new(program: &Program) -> Result<Compiled, CompileError> {
        let mut flags = settings::builder();
        flags.set("opt_level", "speed").map_err(refused)?;
        flags.set("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }).map_err(refused)?;
        // Nothing refers to the code but by its address.
        flags.set("use_colocated_libcalls", "false").map_err(refused)?;
        flags.set("is_pic", "false").map_err(refused)?;
        let isa = cranelift_native::builder().map_err(refused)?;
        let isa = isa.finish(settings::Flags::new(flags)).map_err(refused)?;
        let mut module = JITModule::new(JITBuilder::with_isa(isa, cranelift_module::default_libcall_names()));
        let mut context = module.make_context();
        context.func.signature = signature(&module, [types::I64; 5]);
        build(&module, &mut context.func, program);
        let id = module.declare_function("judge", Linkage::Export, &context.func.signature).map_err(refused)?;
        module.define_function(id, &mut context).map_err(refused)?;
        module.finalize_definitions().map_err(refused)?;
        let code = module.get_finalized_function(id);
        // SAFETY: the code was made for this signature with the calling convention of `extern "C"`, and stays where it is for
        // as long as the module lives.
        let entry = unsafe { std::mem::transmute::<*const u8, Entry>(code) };
        Ok(Compiled { entry, module: Some(module) })
    }

    /// Judges a word of the program that this was compiled from; `None` if an atom could not be asked.
    pub fn judge(&self, program: &Program, answers: &Answers, oracle: &dyn Oracle, row: Row) -> Option<Verdicts> {
        let context = Context::new(program, answers, oracle);
        let mut out = [0; 4];
        // SAFETY: the code is that of `entry`'s signature; `context` and `out` live until it returns, and it writes all of
        // `out` and nothing else of ours.
        unsafe { (self.entry)(&raw const context, row.word as u64, row.live, row.unsure, &raw mut out) };
        let [skipped, unsure, failed, unknown] = out;
        (!context.is_broken()).then(|| Verdicts::of(row.live, skipped, unsure, failed, unknown))
    }
}

impl Drop for Compiled {
    fn drop(&mut self) {
        if let Some(module) = self.module.take() {
            // SAFETY: whoever executes the code borrows `self`, so that nobody does.
            unsafe { module.free_memory() };
        }
    }
}

fn signature<const N: usize>(module: &JITModule, parameters: [types::Type; N]) -> Signature {
    let mut signature = module.make_signature();
    signature.params.extend(parameters.map(AbiParam::new));
    signature
}

/// Writes the function: one operation after the other, for masks are written once.
fn build(module: &JITModule, function: &mut cranelift_codegen::ir::Function, program: &Program) {
    let ask = signature(module, [types::I64; 5]);
    let mut frontend = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(function, &mut frontend);
    let block = builder.create_block();
    builder.append_block_params_for_function_params(block);
    builder.switch_to_block(block);
    let parameters: Vec<Value> = builder.block_params(block).to_vec();
    let [context, word, live, unsure, out] = parameters.as_slice() else { return };
    let nothing = builder.ins().iconst(types::I64, 0);
    let slot = builder.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, 16, 3));
    let (ask, function) =
        (builder.import_signature(ask), builder.ins().load(types::I64, MemFlagsData::trusted(), *context, 0));
    let mut code = Code {
        builder,
        masks: vec![nothing; program.masks as usize],
        answer: slot,
        ask,
        function,
        context: *context,
        word: *word,
        nothing,
    };
    code.set(Program::LIVE, *live);
    code.set(Program::UNSURE, *unsure);
    program.ops.iter().for_each(|op| code.op(op));
    for (at, mask) in [program.skipped, program.unsure, program.failed, program.unknown].into_iter().enumerate() {
        let value = code.get(mask);
        code.builder.ins().store(MemFlagsData::trusted(), value, *out, at as i32 * 8);
    }
    code.builder.ins().return_(&[]);
    code.builder.seal_all_blocks();
    code.builder.finalize(module.isa().frontend_config());
}

struct Code<'f> {
    builder: FunctionBuilder<'f>,
    /// The value of each mask that was written.
    masks: Vec<Value>,
    /// Where an answer is put.
    answer: cranelift_codegen::ir::StackSlot,
    ask: SigRef,
    function: Value,
    context: Value,
    word: Value,
    nothing: Value,
}

impl Code<'_> {
    fn get(&self, mask: Mask) -> Value {
        self.masks.get(mask.0 as usize).copied().unwrap_or(self.nothing)
    }

    fn set(&mut self, mask: Mask, value: Value) {
        self.masks.get_mut(mask.0 as usize).into_iter().for_each(|known| *known = value);
    }

    fn op(&mut self, op: &Op) {
        match *op {
            Op::Set(to, ones) => {
                let value = self.builder.ins().iconst(types::I64, if ones { -1 } else { 0 });
                self.set(to, value);
            }
            Op::Not(to, a) => {
                let a = self.get(a);
                let value = self.builder.ins().bnot(a);
                self.set(to, value);
            }
            Op::And(to, a, b) => {
                let (a, b) = (self.get(a), self.get(b));
                let value = self.builder.ins().band(a, b);
                self.set(to, value);
            }
            Op::Or(to, a, b) => {
                let (a, b) = (self.get(a), self.get(b));
                let value = self.builder.ins().bor(a, b);
                self.set(to, value);
            }
            Op::Without(to, a, b) => {
                let (a, b) = (self.get(a), self.get(b));
                let value = self.builder.ins().band_not(a, b);
                self.set(to, value);
            }
            Op::Ask { can_hold, can_fail, atom, want } => {
                let answer = self.asked(atom, want);
                self.set(can_hold, answer[0]);
                self.set(can_fail, answer[1]);
            }
        }
    }

    /// Asks an atom, unless nobody wants to know.
    fn asked(&mut self, atom: u32, want: Mask) -> [Value; 2] {
        let want = self.get(want);
        let (call, after) = (self.builder.create_block(), self.builder.create_block());
        let answer = [(); 2].map(|()| self.builder.append_block_param(after, types::I64));
        let none: [BlockArg; 2] = [self.nothing.into(), self.nothing.into()];
        self.builder.ins().brif(want, call, &[], after, &none);
        self.builder.switch_to_block(call);
        let atom = self.builder.ins().iconst(types::I64, i64::from(atom));
        let place = self.builder.ins().stack_addr(types::I64, self.answer, 0);
        self.builder.ins().call_indirect(self.ask, self.function, &[self.context, atom, self.word, want, place]);
        let asked = [0, 8].map(|at| self.builder.ins().stack_load(types::I64, types::I64, self.answer, at));
        let [can_hold, can_fail] = asked.map(BlockArg::from);
        self.builder.ins().jump(after, &[can_hold, can_fail]);
        self.builder.switch_to_block(after);
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parapet_columns::{Atom, Key, Part, Table, execute};
    use parapet_ir::{Expr, ExprKind};
    use parapet_model::{Type, Value as Held};

    use super::*;

    /// An atom that reads a property, or one of which each resource is asked.
    fn atom(number: usize) -> Atom {
        let part = Expr { ty: Type::Bool, span: Default::default(), kind: ExprKind::Value(Held::Int(number as i64)) };
        let keys = vec![Key::Property(format!("P{number}").into())];
        Atom { lets: Vec::new(), part: Part::Condition(Arc::new(part)), keys, open: number % 3 == 2 }
    }

    /// Random operations, each mask written once and read later.
    fn program(seed: u64, atoms: usize) -> Program {
        let mut state = seed | 1;
        let mut random = |bound: u32| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 33) as u32 % bound
        };
        let (mut ops, mut masks) = (Vec::new(), Program::FIRST);
        for _ in 0..40 {
            let (a, b, to) = (Mask(random(masks)), Mask(random(masks)), Mask(masks));
            masks += 1;
            ops.push(match random(6) {
                0 => Op::Set(to, random(2) == 0),
                1 => Op::Not(to, a),
                2 => Op::And(to, a, b),
                3 => Op::Or(to, a, b),
                4 => Op::Without(to, a, b),
                _ => {
                    masks += 1;
                    Op::Ask { can_hold: to, can_fail: Mask(masks - 1), atom: random(atoms as u32), want: a }
                }
            });
        }
        let [skipped, unsure, failed, unknown] = [(); 4].map(|()| Mask(random(masks)));
        Program { atoms: (0..atoms).map(atom).collect(), ops, masks, skipped, unsure, failed, unknown }
    }

    /// Answers by the atom and what the resource has.
    struct Known;

    fn held(row: usize, key: &Key) -> Held {
        let number = match key {
            Key::Property(name) | Key::Header(name) => name.len() + usize::from(name.as_bytes()[1]),
        };
        Held::Int((row * number % 7) as i64)
    }

    impl Oracle for Known {
        fn ask(&self, atom: &Atom, row: usize) -> u8 {
            let Held::Int(held) = held(row, &atom.keys[0]) else { return parapet_columns::UNKNOWN };
            Atom::answer([Some(true), Some(false), None][held as usize % 3])
        }
    }

    #[test]
    fn machine_code_makes_the_masks_that_operations_say() {
        let table = Table::new(300, held);
        for seed in 1..200 {
            let program = program(seed, 5);
            let compiled = Compiled::new(&program).unwrap();
            let (one, other) = (Answers::new(&program, &table), Answers::new(&program, &table));
            for word in 0..table.words() {
                let row = Row { word, live: u64::MAX >> (word * 7), unsure: seed.rotate_left(word as u32) };
                let meant = execute(&program, &one, &Known, row, &mut Vec::new());
                assert_eq!(compiled.judge(&program, &other, &Known, row), Some(meant), "seed {seed}, word {word}");
            }
        }
    }

    #[test]
    fn a_fault_of_an_atom_does_not_pass_through_machine_code() {
        struct Broken;
        impl Oracle for Broken {
            fn ask(&self, _: &Atom, _: usize) -> u8 {
                panic!("a fault on purpose")
            }
        }
        let table = Table::new(64, held);
        let want = Program::LIVE;
        let ops = vec![Op::Ask { can_hold: Mask(2), can_fail: Mask(3), atom: 0, want }];
        let (skipped, unsure, failed, unknown) = (Mask(2), Mask(1), Mask(3), Mask(3));
        let program = Program { atoms: vec![atom(0)], ops, masks: 4, skipped, unsure, failed, unknown };
        let compiled = Compiled::new(&program).unwrap();
        let answers = Answers::new(&program, &table);
        let row = Row { word: 0, live: 1, unsure: 0 };
        assert_eq!(compiled.judge(&program, &answers, &Broken, row), None);
        assert!(compiled.judge(&program, &answers, &Broken, Row { live: 0, ..row }).is_some());
        assert!(compiled.judge(&program, &answers, &Known, row).is_some());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn no_memory_is_writable_and_executable_at_once() {
        let compiled: Vec<Compiled> = (1..20).map(|seed| Compiled::new(&program(seed, 3)).unwrap()).collect();
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let both = maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|access| access.contains("wx")));
        assert_eq!(both.collect::<Vec<_>>(), Vec::<&str>::new());
        let code = compiled[0].entry as usize;
        let holds = |line: &str| {
            let (start, end) = line.split(' ').next().and_then(|range| range.split_once('-')).unwrap();
            let [start, end] = [start, end].map(|address| usize::from_str_radix(address, 16).unwrap());
            (start..end).contains(&code)
        };
        let line = maps.lines().find(|line| holds(line)).unwrap();
        assert!(line.split(' ').nth(1).is_some_and(|access| access.starts_with("r-x")), "{line}");
    }
}
