"""The addresses of the office."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import path, register_converter
from django.urls.converters import StringConverter

from afiliacion.dashboard import (
    bulk,
    casepage,
    home,
    listcolumns,
    listrows,
    mails,
    notes,
    printing,
    reports,
    sheets,
    uploads,
    verify,
    waitingroom,
    worklist,
)
from afiliacion.dashboard import notices as post
from afiliacion.dashboard.counter import views as counter
from afiliacion.dashboard.entrance import Entrance, PasswordChange, picture, theme
from afiliacion.dashboard.ledger import views as ledger
from afiliacion.dashboard.setup import first, people
from afiliacion.dashboard.setup import views as setup
from afiliacion.dashboard.subdelegacion import views as desk
from afiliacion.roll.exporting import ENDINGS


class TableEnding(StringConverter):
    """What a table can be downloaded as."""

    regex = "|".join(ENDINGS)


register_converter(TableEnding, "table")

urlpatterns = [
    path("", home.home, name="home"),
    path("entrar/", Entrance.as_view(), name="login"),
    path("favicon.ico", picture, name="picture"),
    # Whoever has no post must be able to leave too.
    path("salir/", login_not_required(LogoutView.as_view()), name="logout"),
    path("expedientes/", worklist.worklist, name="worklist"),
    path("expedientes/grupos/", worklist.grupos, name="grupos"),
    path("expedientes/lista.<table:ending>", worklist.export, name="worklist-file"),
    path("expedientes/vistas/", worklist.save_view, name="view-save"),
    path("expedientes/vistas/<int:view_id>/borrar/", worklist.drop_view, name="view-drop"),
    path("expedientes/acciones/", bulk.act_on_many, name="bulk"),
    path("expedientes/colegas/", bulk.people, name="people-choices"),
    path("expedientes/resultado/<int:run_id>/", bulk.bulk_result, name="bulk-result"),
    path("expedientes/resultado/<int:run_id>/deshacer/", bulk.undo, name="bulk-undo"),
    path("expedientes/<int:case_id>/", casepage.casepage, name="case"),
    path("expedientes/<int:case_id>/acciones/<slug:slug>/", casepage.act, name="act"),
    path("expedientes/<int:case_id>/notas/", notes.write, name="note"),
    path("expedientes/<int:case_id>/notas/enterado/", notes.seen, name="note-seen"),
    path("expedientes/<int:case_id>/asignar/", notes.assign, name="assign"),
    path("informes/", reports.reports, name="reports"),
    path("informes/informe.<table:ending>", reports.as_file, name="reports-file"),
    path("contrasena/", PasswordChange.as_view(), name="password"),
    path("tema/", theme, name="theme"),
    path("expedientes/<int:case_id>/mostrar/", casepage.reveal, name="reveal"),
    path("expedientes/<int:case_id>/documentos/<int:seq>/", casepage.paper, name="paper"),
    path("ventanilla/", counter.counter, name="counter"),
    path("ventanilla/buscar/", counter.find_person, name="counter-find"),
    path("ventanilla/recibir/", counter.receive, name="counter-take"),
    path("ventanilla/deshacer/", counter.undo, name="counter-undo"),
    path("ventanilla/recibos/<uuid:key>/correo/", counter.receipt_mail, name="counter-mail"),
    path("ventanilla/recibos/<uuid:key>.pdf", counter.receipt_pdf, name="counter-pdf"),
    path("hojas/", sheets.waiting, name="sheets"),
    path("hojas/<int:case_id>/", sheets.review, name="sheet"),
    path("imss/", waitingroom.room, name="imss"),
    path("imss/preguntar/", waitingroom.ask, name="imss-ask"),
    path("imss/revisadas/", waitingroom.seen, name="imss-seen"),
    path("imss/pausa/", waitingroom.pause, name="imss-pause"),
    path("subdelegacion/", desk.desk, name="desk"),
    path("subdelegacion/preparar/", desk.prepare, name="desk-prepare"),
    path("subdelegacion/salidas/<int:visit_id>/", desk.visit, name="visit"),
    path("subdelegacion/salidas/<int:visit_id>/lista.<table:ending>", desk.as_file, name="visit-file"),
    path("subdelegacion/salidas/<int:visit_id>/presentado/", desk.filed, name="visit-filed"),
    path("subdelegacion/salidas/<int:visit_id>/resultados/", desk.results, name="visit-results"),
    path("subdelegacion/salidas/<int:visit_id>/deshacer/", desk.cancel, name="visit-cancel"),
    path("inicio/", first.first_run, name="first-run"),
    path("inicio/<slug:step>/", first.step, name="first-step"),
    path("ajustes/", setup.index, name="settings"),
    path("ajustes/cambios/", setup.changes_log, name="settings-changes"),
    path("ajustes/usuarios/", people.people, name="people"),
    path("ajustes/usuarios/nuevo/", people.person, name="person-new"),
    path("ajustes/usuarios/<int:user_id>/", people.person, name="person"),
    path("ajustes/<slug:setting>/", setup.rows, name="setting-list"),
    path("ajustes/<slug:setting>/nuevo/", setup.edit, name="setting-new"),
    path("ajustes/<slug:setting>/<int:row_id>/", setup.edit, name="setting"),
    path("ajustes/<slug:setting>/<int:row_id>/quitar/", setup.remove, name="setting-remove"),
    path("expedientes/<int:case_id>/imprimir/<slug:kind>/", printing.print_case, name="print-case"),
    path("expedientes/imprimir/", printing.print_chosen, name="print-chosen"),
    path("subdelegacion/salidas/<int:visit_id>/oficio/", printing.print_visit, name="print-visit"),
    path("documentos/", printing.printing, name="printing"),
    path("documentos/<int:job_id>/", printing.print_job, name="print-job"),
    path("documentos/<int:job_id>/descargar/", printing.print_download, name="print-download"),
    path("documentos/<int:job_id>/cancelar/", printing.print_cancel, name="print-cancel"),
    # On every paper we print: whoever holds it may ask whether it is ours.
    path("v/", login_not_required(verify.ask), name="verify-ask"),
    path("v/<str:folio>", login_not_required(verify.answer), name="verify"),
    path("trabajos/", ledger.ledger, name="jobs"),
    path("trabajos/visto/", ledger.seen, name="job-seen"),
    path("trabajos/reintentar/", ledger.retry, name="job-retry"),
    path("listas/", uploads.uploads, name="uploads"),
    path("listas/columnas/", listcolumns.manual, name="list-columns"),
    path("listas/plantilla.<table:ending>", listcolumns.template, name="list-template"),
    path("listas/<int:upload_id>/columnas/", listcolumns.mapping, name="upload-mapping"),
    path("listas/<int:upload_id>/", uploads.upload, name="upload"),
    path("listas/<int:upload_id>/avance/", uploads.progress, name="upload-progress"),
    path("listas/<int:upload_id>/cargar/", uploads.confirm, name="upload-confirm"),
    path("listas/<int:upload_id>/cancelar/", uploads.cancel, name="upload-cancel"),
    path("listas/<int:upload_id>/reintentar/", uploads.retry, name="upload-retry"),
    path("listas/<int:upload_id>/deshacer/", uploads.undo, name="upload-undo"),
    path("listas/<int:upload_id>/filas/", listrows.rows, name="upload-rows"),
    path("listas/<int:upload_id>/errores.csv", uploads.errors, name="upload-errors"),
    path("avisos/", post.notices, name="notices"),
    path("avisos/alto/", post.stop, name="notices-stop"),
    path("avisos/seguir/", post.lift, name="notices-lift"),
    path("avisos/correo-sirve/", post.works, name="notices-works"),
    path("avisos/<int:reminder_id>/otra-vez/", post.again, name="notices-again"),
    path("avisos/por-que/<int:case_id>/", post.because, name="notices-because"),
    path("avisos/tutor/<int:case_id>/", post.tutor, name="notices-tutor"),
    path("avisos/anular/<int:case_id>/", post.revoke, name="notices-revoke"),
    path("avisos/textos/", post.texts, name="notice-texts"),
    path("avisos/textos/<slug:words_key>/", post.text, name="notice-text"),
    path("avisos/muestra/<slug:kind_key>/<int:case_id>/", post.sample, name="notice-sample"),
    path("correos/", mails.mails, name="mails"),
    path("correos/<str:name>/", mails.mail, name="mail"),
    path("correos/<str:name>/contenido/", mails.mail_body, name="mail-body"),
]
