"""The addresses of the office."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import path

from afiliacion.dashboard import casepage, home, mails, receipt, uploads, worklist
from afiliacion.dashboard.entrance import Entrance, picture

urlpatterns = [
    path("", home.home, name="home"),
    path("entrar/", Entrance.as_view(), name="login"),
    path("favicon.ico", picture, name="picture"),
    # Whoever has no post must be able to leave too.
    path("salir/", login_not_required(LogoutView.as_view()), name="logout"),
    path("expedientes/", worklist.worklist, name="worklist"),
    path("expedientes/acciones/", worklist.act_on_many, name="bulk"),
    path("expedientes/resultado/", worklist.bulk_result, name="bulk-result"),
    path("expedientes/<int:case_id>/", casepage.casepage, name="case"),
    path("expedientes/<int:case_id>/acciones/<slug:slug>/", casepage.act, name="act"),
    path("expedientes/<int:case_id>/mostrar/", casepage.reveal, name="reveal"),
    path("expedientes/<int:case_id>/documentos/<int:seq>/", casepage.paper, name="paper"),
    path("expedientes/<int:case_id>/acuse.pdf", receipt.acuse, name="acuse-pdf"),
    path("listas/", uploads.uploads, name="uploads"),
    path("listas/<int:upload_id>/", uploads.upload, name="upload"),
    path("listas/<int:upload_id>/cargar/", uploads.confirm, name="upload-confirm"),
    path("listas/<int:upload_id>/errores.csv", uploads.errors, name="upload-errors"),
    path("correos/", mails.mails, name="mails"),
    path("correos/<str:name>/", mails.mail, name="mail"),
    path("correos/<str:name>/contenido/", mails.mail_body, name="mail-body"),
]
