locals {
  instance = "arn:aws:sso:::instance/ssoins-6804a1b2c3d4e5f6"
}

resource "aws_ssoadmin_permission_set" "developers" {
  name             = "Developers"
  instance_arn     = local.instance
  session_duration = "PT12H"
}

resource "aws_ssoadmin_managed_policy_attachment" "developers" {
  instance_arn       = local.instance
  permission_set_arn = aws_ssoadmin_permission_set.developers.arn
  managed_policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_ssoadmin_permission_set_inline_policy" "developers" {
  instance_arn       = local.instance
  permission_set_arn = aws_ssoadmin_permission_set.developers.arn
  inline_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
  })
}

resource "aws_ssoadmin_account_assignment" "developers" {
  instance_arn       = local.instance
  permission_set_arn = aws_ssoadmin_permission_set.developers.arn
  principal_type     = "USER"
  principal_id       = "92670d3a20-7d5f2b1c-64e8-4c9a-9b0d-2e3f4a5b6c7d"
  target_type        = "AWS_ACCOUNT"
  target_id          = "444455556666"
}

resource "aws_iam_group" "operators" {
  name = "operators"
}

resource "aws_iam_group_policy" "operators" {
  name  = "operators"
  group = aws_iam_group.operators.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["ec2:*"], Resource = "*" },
      { Effect = "Allow", Action = ["iam:PassRole"], Resource = "arn:aws:iam::111122223333:role/*" },
      { Effect = "Allow", Action = ["kms:Decrypt"], Resource = "*" },
    ]
  })
}

resource "aws_iam_user" "ana" {
  name = "ana"
}

resource "aws_iam_user_policy_attachment" "ana" {
  user       = aws_iam_user.ana.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_iam_user_policy_attachment" "release" {
  user       = aws_iam_user.ana.name
  policy_arn = aws_iam_policy.release.arn
}

resource "aws_iam_user_policy" "bob" {
  name = "bob-buckets"
  user = "bob"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", NotAction = ["iam:*", "kms:*"], NotResource = "arn:aws:s3:::acme-payroll" }]
  })
}

resource "aws_iam_policy" "release" {
  name = "release"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Deploy", Effect = "Allow", Action = "*", Resource = "*" },
      { Sid = "Pass", Effect = "Allow", Action = "iam:PassRole", Resource = "arn:aws:iam::111122223333:role/*" },
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
      { Sid = "Key", Effect = "Allow", Action = ["kms:Decrypt"], Resource = "*" },
    ]
  })
}
