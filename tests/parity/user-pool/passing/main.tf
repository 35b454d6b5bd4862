resource "aws_cognito_user_pool" "customers" {
  name                = "customers"
  mfa_configuration   = "ON"
  deletion_protection = "ACTIVE"

  software_token_mfa_configuration {
    enabled = true
  }

  user_pool_add_ons {
    advanced_security_mode = "ENFORCED"
  }

  password_policy {
    minimum_length                   = 12
    require_lowercase                = true
    require_uppercase                = true
    require_numbers                  = true
    require_symbols                  = true
    temporary_password_validity_days = 3
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  admin_create_user_config {
    allow_admin_create_user_only = true
  }
}

resource "aws_cognito_user_pool" "staff" {
  name                = "staff"
  mfa_configuration   = "ON"
  deletion_protection = "ACTIVE"

  sms_configuration {
    external_id    = "staff-sms"
    sns_caller_arn = "arn:aws:iam::111122223333:role/cognito-sms"
  }

  software_token_mfa_configuration {
    enabled = true
  }

  user_pool_add_ons {
    advanced_security_mode = "ENFORCED"
  }

  password_policy {
    minimum_length    = 12
    require_lowercase = true
    require_uppercase = true
    require_numbers   = true
    require_symbols   = true
  }

  admin_create_user_config {
    allow_admin_create_user_only = true
  }
}

resource "aws_cognito_user_pool_client" "web" {
  name                                 = "web"
  user_pool_id                         = aws_cognito_user_pool.customers.id
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = ["openid", "email"]
  callback_urls                        = ["https://shop.example.com/signed-in"]
  logout_urls                          = ["https://shop.example.com/bye"]
  supported_identity_providers         = ["COGNITO"]
  prevent_user_existence_errors        = "ENABLED"
  enable_token_revocation              = true
  access_token_validity                = 30
  refresh_token_validity               = 7
  token_validity_units {
    access_token  = "minutes"
    refresh_token = "days"
  }
}

resource "aws_cognito_identity_provider" "partner" {
  user_pool_id  = aws_cognito_user_pool.staff.id
  provider_name = "Partner"
  provider_type = "OIDC"
  provider_details = {
    client_id                 = "acme"
    client_secret             = "not-a-real-secret"
    authorize_scopes          = "openid email"
    attributes_request_method = "GET"
    oidc_issuer               = "https://login.partner.example"
  }
  attribute_mapping = {
    email    = "email"
    username = "sub"
  }
}

resource "aws_cognito_identity_pool" "shop" {
  identity_pool_name               = "shop"
  allow_unauthenticated_identities = false
  allow_classic_flow               = false
}

data "aws_iam_policy_document" "signed_in" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["cognito-identity.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "cognito-identity.amazonaws.com:aud"
      values   = [aws_cognito_identity_pool.shop.id]
    }
    condition {
      test     = "ForAnyValue:StringLike"
      variable = "cognito-identity.amazonaws.com:amr"
      values   = ["authenticated"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "signed_in" {
  role       = aws_iam_role.signed_in.name
  policy_arn = "arn:aws:iam::111122223333:policy/shop-signed-in"
}

resource "aws_iam_role" "signed_in" {
  name               = "shop-signed-in"
  assume_role_policy = data.aws_iam_policy_document.signed_in.json
}
