// Which documents may be templates. Nothing here knows VS Code, so that it is tested without.
'use strict';

/** Languages of documents that may be templates, plans or states. */
const LANGUAGES = ['json', 'yaml', 'cloudformation'];

/** A larger document is not judged. */
const LARGEST = 16 << 20;

/** Whether a document may be a template, a plan, a state, or configuration of Terraform in JSON, as the server sees it. */
function mayBeTemplate(name, text) {
  if (text.length > LARGEST) return false;
  const template = text.includes('Resources') && (text.includes('AWS::') || text.includes('AWSTemplateFormatVersion'));
  const plan = text.includes('"terraform_version"') && (text.includes('planned_values') || text.includes('"resources"'));
  return template || plan || name.endsWith('.tf.json');
}

module.exports = { LANGUAGES, mayBeTemplate };
