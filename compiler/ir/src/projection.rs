//! What a program reads of an inventory.

use parapet_model::{Name, Schema, Type};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::data::{
    Binding, Constant, Coverage, Expr, ExprKind, Guardrail, JoinKey, Population, Program, Resources, Source,
    StatementKind,
};
use crate::visit::{walk, walk_statements};

/// The properties that are read of each resource type, and the types used as collections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projection {
    pub properties: FxHashMap<Name, FxHashSet<Name>>,
    /// Types that some expression asks all resources of.
    pub collections: FxHashSet<Name>,
    /// Types that references lead to.
    pub followed: FxHashSet<Name>,
    /// Some expression asks for all resources of every type.
    pub everything: bool,
    /// Some expression reads more of an account than its id.
    pub accounts: bool,
    /// The types whose tags some expression reads as the header has them.
    pub tagged: FxHashSet<Name>,
    /// Some expression reads the tags of resources of any type.
    pub any_tags: bool,
}

impl Projection {
    /// The projection of a program: of its guardrails and waivers, and all the functions with them.
    pub fn of(program: &Program) -> Projection {
        let mut projection = Projection::default();
        program.guardrails.iter().for_each(|guardrail| projection.guardrail(guardrail));
        for function in program.functions.values() {
            walk(&function.body, &mut |expr| projection.expr(expr));
        }
        for constant in program.constants.values() {
            projection.constant(constant);
        }
        for part in program.waivers.iter().flat_map(|waiver| &waiver.coverage) {
            if let Coverage::Where { condition, .. } = part {
                walk(condition, &mut |expr| projection.expr(expr));
            }
        }
        projection
    }

    /// The same, with all properties and tags that others want, too.
    pub fn with(mut self, others: &Projection) -> Projection {
        for (name, properties) in &others.properties {
            self.properties.entry(name.clone()).or_default().extend(properties.iter().cloned());
        }
        self.tagged.extend(others.tagged.iter().cloned());
        self.any_tags |= others.any_tags;
        self.accounts |= others.accounts;
        self
    }

    /// The properties wanted of a type; `None` when nothing reads the type.
    pub fn wanted(&self, resource_type: &str) -> Option<&FxHashSet<Name>> {
        self.properties.get(resource_type)
    }

    /// Whether anything reads the tags of this type.
    pub fn reads_tags(&self, resource_type: &str) -> bool {
        self.any_tags || self.tagged.contains(resource_type)
    }

    /// Adds what reads tags of resources of these types.
    fn tag(&mut self, types: Option<&[Name]>) {
        match types {
            Some(types) => self.tagged.extend(types.iter().cloned()),
            None => self.any_tags = true,
        }
    }

    /// Whether some expression goes from other resources to those of this type.
    pub fn joins(&self, resource_type: &str) -> bool {
        self.everything || self.collections.contains(resource_type) || self.followed.contains(resource_type)
    }

    /// Whether anything asks for resources of this type.
    pub fn reads(&self, resource_type: &str) -> bool {
        self.everything || self.properties.contains_key(resource_type)
    }

    fn constant(&mut self, constant: &Constant) {
        walk(&constant.value, &mut |expr| self.expr(expr));
    }

    /// Adds what a guardrail reads.
    pub fn guardrail(&mut self, guardrail: &Guardrail) {
        match &guardrail.population {
            Population::Types(types) => types.iter().for_each(|name| self.touch(name)),
            Population::AllResources => self.everything = true,
            Population::Accounts => {}
        }
        walk_statements(&guardrail.body, &mut |expr| self.expr(expr));
        self.loops(&guardrail.body);
    }

    fn loops(&mut self, statements: &[crate::data::Statement]) {
        for statement in statements {
            match &statement.kind {
                StatementKind::For { binding, body } => {
                    self.binding(binding);
                    self.loops(body);
                }
                StatementKind::If { then, otherwise, .. } => {
                    self.loops(then);
                    self.loops(otherwise);
                }
                StatementKind::Let { .. } | StatementKind::Skip { .. } | StatementKind::Require { .. } => {}
            }
        }
    }

    fn touch(&mut self, resource_type: &Name) {
        self.properties.entry(resource_type.clone()).or_default();
    }

    fn want(&mut self, resource_type: &Name, property: &Name) {
        self.properties.entry(resource_type.clone()).or_default().insert(property.clone());
    }

    /// Adds what one node reads; its parts are visited by themselves.
    pub fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Header { base, name, .. } if base.ty == Type::Account => self.accounts |= &**name != "id",
            ExprKind::Header { base, name, .. } if &**name == "tags" => match &base.ty {
                Type::Resource(types) => self.tag(Some(types)),
                _ => self.any_tags = true,
            },
            ExprKind::Property { base, name, .. } => {
                if let Type::Resource(types) = &base.ty {
                    types.iter().for_each(|resource_type| self.want(resource_type, name));
                }
            }
            ExprKind::Follow { targets, .. } => {
                for target in targets.iter() {
                    self.touch(&target.resource);
                    self.followed.insert(target.resource.clone());
                    let property = target.property.as_ref().filter(|property| {
                        Schema::embedded()
                            .resource_type(&target.resource)
                            .is_some_and(|ty| ty.property(property).is_some())
                    });
                    if let Some(property) = property {
                        self.want(&target.resource, property);
                    }
                }
            }
            ExprKind::Quantified { binding, .. }
            | ExprKind::Count(binding)
            | ExprKind::First(binding)
            | ExprKind::Comprehension { binding, .. } => self.binding(binding),
            ExprKind::Resources(resources) => self.resources(resources),
            ExprKind::Closure { by_way_of: Population::Types(types), .. } => {
                types.iter().for_each(|name| self.touch(name));
                self.collections.extend(types.iter().cloned());
            }
            ExprKind::Closure { by_way_of: Population::AllResources, .. } => self.everything = true,
            _ => {}
        }
    }

    fn binding(&mut self, binding: &Binding) {
        match &binding.source {
            Source::Resources(resources) => self.resources(resources),
            Source::Elements(_) | Source::Accounts => {}
        }
    }

    fn resources(&mut self, resources: &Resources) {
        let by_tag = |key: &JoinKey| match key {
            JoinKey::Tag(_) => true,
            JoinKey::Header(name) => &**name == "tags",
            JoinKey::Property(_) => false,
        };
        if resources.join.as_ref().is_some_and(|join| by_tag(&join.key)) {
            self.tag(resources.types.as_deref());
        }
        let Some(types) = &resources.types else {
            self.everything = true;
            return;
        };
        for resource_type in types.iter() {
            self.touch(resource_type);
            self.collections.insert(resource_type.clone());
            if let Some(JoinKey::Property(property)) = resources.join.as_ref().map(|join| &join.key) {
                self.want(resource_type, property);
            }
        }
    }
}
