resource "aws_cognito_user_pool" "customers" {
  name                = "customers"
  mfa_configuration   = "OFF"
  deletion_protection = "INACTIVE"

  password_policy {
    minimum_length                   = 6
    require_lowercase                = true
    require_uppercase                = true
    require_numbers                  = true
    require_symbols                  = false
    temporary_password_validity_days = 30
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_phone_number"
      priority = 1
    }
  }

  admin_create_user_config {
    allow_admin_create_user_only = false
  }
}

resource "aws_cognito_user_pool" "staff" {
  name                = "staff"
  mfa_configuration   = "OPTIONAL"
  deletion_protection = "ACTIVE"

  sms_configuration {
    external_id    = "staff-sms"
    sns_caller_arn = "arn:aws:iam::111122223333:role/cognito-sms"
  }

  user_pool_add_ons {
    advanced_security_mode = "AUDIT"
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
  allowed_oauth_flows                  = ["implicit"]
  allowed_oauth_scopes                 = ["openid", "email"]
  callback_urls                        = ["http://shop.example.com/signed-in"]
  logout_urls                          = ["https://shop.example.com/bye"]
  supported_identity_providers         = ["COGNITO"]
  prevent_user_existence_errors        = "LEGACY"
  enable_token_revocation              = false
  access_token_validity                = 12
  refresh_token_validity               = 60
  token_validity_units {
    access_token  = "hours"
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
    oidc_issuer               = "http://login.partner.example"
  }
}

resource "aws_cognito_identity_pool" "shop" {
  identity_pool_name               = "shop"
  allow_unauthenticated_identities = true
  allow_classic_flow               = true
}

data "aws_iam_policy_document" "signed_in" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["cognito-identity.amazonaws.com"]
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
