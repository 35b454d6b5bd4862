locals {
  instance = "arn:aws:sso:::instance/ssoins-6804a1b2c3d4e5f6"
}

resource "aws_ssoadmin_permission_set" "developers" {
  name             = "Developers"
  instance_arn     = local.instance
  session_duration = "PT4H"
}

resource "aws_ssoadmin_managed_policy_attachment" "developers" {
  instance_arn       = local.instance
  permission_set_arn = aws_ssoadmin_permission_set.developers.arn
  managed_policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}

resource "aws_ssoadmin_permissions_boundary_attachment" "developers" {
  instance_arn       = local.instance
  permission_set_arn = aws_ssoadmin_permission_set.developers.arn
  permissions_boundary {
    customer_managed_policy_reference {
      name = "acme-boundary"
    }
  }
}

resource "aws_ssoadmin_account_assignment" "developers" {
  instance_arn       = local.instance
  permission_set_arn = aws_ssoadmin_permission_set.developers.arn
  principal_type     = "GROUP"
  principal_id       = "92670d3a20-1f0b6e0c-93a4-4b6d-8c2e-5f1a7b3c9d0e"
  target_type        = "AWS_ACCOUNT"
  target_id          = "444455556666"
}

resource "aws_iam_group" "operators" {
  name = "operators"
}

resource "aws_iam_group_policy_attachment" "operators" {
  group      = aws_iam_group.operators.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_group_policy_attachment" "release" {
  group      = aws_iam_group.operators.name
  policy_arn = aws_iam_policy.release.arn
}

resource "aws_iam_user" "ana" {
  name = "ana"
}

resource "aws_iam_user_group_membership" "ana" {
  user   = aws_iam_user.ana.name
  groups = [aws_iam_group.operators.name]
}

resource "aws_iam_policy" "release" {
  name = "release"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Deploy", Effect = "Allow", Action = "lambda:UpdateFunctionCode", Resource = "arn:aws:lambda:eu-west-1:111122223333:function:*" },
      { Sid = "Pass", Effect = "Allow", Action = "iam:PassRole", Resource = "arn:aws:iam::111122223333:role/invoices-function" },
    ]
  })
}

# A policy in the role of another stack.
resource "aws_iam_role_policy" "legacy" {
  name = "legacy-reader"
  role = "legacy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Read", Effect = "Allow", Action = ["s3:GetObject"], Resource = "arn:aws:s3:::acme-records/*" },
      { Sid = "Key", Effect = "Allow", Action = ["kms:Decrypt"], Resource = "arn:aws:kms:eu-west-1:111122223333:key/7b2c3d4e-5f60-4172-8394-a5b6c7d8e9f0" },
    ]
  })
}
