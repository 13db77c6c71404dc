"""The addresses of the office."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import path, register_converter
from django.urls.converters import StringConverter

from afiliacion.dashboard.background_jobs import views as ledger
from afiliacion.dashboard.case import correction, merging, notes
from afiliacion.dashboard.case import views as casepage
from afiliacion.dashboard.consent import views as consent
from afiliacion.dashboard.counter import views as counter
from afiliacion.dashboard.documents import verify
from afiliacion.dashboard.documents import views as printing
from afiliacion.dashboard.home import views as home
from afiliacion.dashboard.imss_queue import views as waitingroom
from afiliacion.dashboard.login.views import Entrance, PasswordChange, picture, theme
from afiliacion.dashboard.mail import demo_mailbox
from afiliacion.dashboard.mail import views as post
from afiliacion.dashboard.movements import answer_views as answers
from afiliacion.dashboard.movements import rejected_views
from afiliacion.dashboard.movements import room as movements_room
from afiliacion.dashboard.movements import views as lotes
from afiliacion.dashboard.papers_in import bringing as papers_in
from afiliacion.dashboard.papers_in import views as sheets
from afiliacion.dashboard.papers_in import without_file
from afiliacion.dashboard.reconciliation import case_lists, insured_lists, person_lists
from afiliacion.dashboard.reconciliation.page import page as reconciliation
from afiliacion.dashboard.reports import views as reports
from afiliacion.dashboard.settings_screens import first_visit, staff_accounts
from afiliacion.dashboard.settings_screens import views as setup
from afiliacion.dashboard.student_lists import column_views, not_returned_views, opening_views, person_views, question_views, row_views
from afiliacion.dashboard.student_lists import views as uploads
from afiliacion.dashboard.subdelegacion import views as desk
from afiliacion.dashboard.without_curp import views as nocurp
from afiliacion.dashboard.worklist import bulk_views, handover
from afiliacion.dashboard.worklist import views as worklist
from afiliacion.exports import ENDINGS


class TableEnding(StringConverter):
    """What a table can be downloaded as."""

    regex = "|".join(ENDINGS)


register_converter(TableEnding, "table")

urlpatterns = [
    path("", home.home, name="home"),
    path("entrar/", Entrance.as_view(), name="login"),
    path("favicon.ico", picture, name="picture"),
    # A user without a post must be able to leave too.
    path("salir/", login_not_required(LogoutView.as_view()), name="logout"),
    path("expedientes/", worklist.worklist, name="worklist"),
    path("expedientes/grupos/", worklist.grupos, name="grupos"),
    path("expedientes/lista.<table:ending>", worklist.export, name="worklist-file"),
    path("expedientes/vistas/", worklist.save_view, name="view-save"),
    path("expedientes/vistas/<int:view_id>/borrar/", worklist.drop_view, name="view-drop"),
    path("expedientes/acciones/", bulk_views.act_on_many, name="bulk"),
    path("expedientes/colegas/", bulk_views.people, name="people-choices"),
    path("expedientes/resultado/<int:run_id>/", bulk_views.bulk_result, name="bulk-result"),
    path("expedientes/resultado/<int:run_id>/deshacer/", bulk_views.undo, name="bulk-undo"),
    path("expedientes/<int:case_id>/", casepage.casepage, name="case"),
    path("expedientes/<int:case_id>/acciones/<slug:slug>/", casepage.act, name="act"),
    path("expedientes/<int:case_id>/notas/", notes.write, name="note"),
    path("expedientes/<int:case_id>/notas/enterado/", notes.seen, name="note-seen"),
    path("expedientes/<int:case_id>/correccion/deshacer/", correction.undo, name="correction-undo"),
    path("expedientes/<int:case_id>/union/deshacer/", merging.undo, name="merge-undo"),
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
    path("hojas/", sheets.queue, name="sheets"),
    path("hojas/traer/", papers_in.bring, name="papers-bring"),
    path("hojas/entregas/<int:bundle_id>/", papers_in.bundle, name="bundle"),
    path("hojas/papel/<int:case_id>/", without_file.review, name="sheet"),
    path("hojas/<int:paper_id>/", sheets.brought, name="brought"),
    path("hojas/<int:paper_id>/ver/", sheets.show, name="brought-show"),
    path("hojas/<int:paper_id>/archivo/", sheets.file, name="brought-file"),
    path("hojas/<int:paper_id>/aceptar/", sheets.accept, name="brought-accept"),
    path("hojas/<int:paper_id>/rechazar/", sheets.refuse, name="brought-refuse"),
    path("hojas/<int:paper_id>/apartar/", sheets.set_aside, name="brought-aside"),
    path("hojas/<int:paper_id>/deshacer/", sheets.undo, name="brought-undo"),
    path("imss/", waitingroom.room, name="imss"),
    path("imss/preguntar/", waitingroom.ask, name="imss-ask"),
    path("imss/revisadas/", waitingroom.seen, name="imss-seen"),
    path("imss/pausa/", waitingroom.pause, name="imss-pause"),
    path("subdelegacion/", desk.desk, name="desk"),
    path("subdelegacion/preparar/", desk.prepare, name="desk-prepare"),
    path("subdelegacion/juntar/", desk.together, name="desk-together"),
    path("subdelegacion/salidas/<int:visit_id>/", desk.visit, name="visit"),
    path("subdelegacion/salidas/<int:visit_id>/lista.<table:ending>", desk.as_file, name="visit-file"),
    path("subdelegacion/salidas/<int:visit_id>/presentado/", desk.filed, name="visit-filed"),
    path("subdelegacion/salidas/<int:visit_id>/presentado/deshacer/", desk.take_back_filing, name="visit-filed-undo"),
    path("subdelegacion/salidas/<int:visit_id>/resultados/", desk.results, name="visit-results"),
    path("subdelegacion/salidas/<int:visit_id>/resultados/deshacer/", desk.take_back_answer, name="visit-results-undo"),
    path("subdelegacion/salidas/<int:visit_id>/deshacer/", desk.cancel, name="visit-cancel"),
    path("movimientos/rechazados/", rejected_views.rejections, name="rejections"),
    path("movimientos/rechazados/arreglado/", rejected_views.clear, name="rejection-clear"),
    path("movimientos/rechazados/arreglado/deshacer/", rejected_views.take_back, name="rejection-clear-undo"),
    path("movimientos/", movements_room.movements, name="movements"),
    path("movimientos/por-enviar/<slug:registro>/<slug:plural>/", movements_room.group, name="movements-group"),
    path("movimientos/lotes/", lotes.make, name="lote-make"),
    path("movimientos/lotes/<int:lote_id>/", lotes.lote, name="lote"),
    path("movimientos/lotes/<int:lote_id>/archivo/", lotes.download, name="lote-file"),
    path("movimientos/lotes/<int:lote_id>/deshacer/", lotes.undo, name="lote-undo"),
    path("movimientos/lotes/<int:lote_id>/presentado/", lotes.sent, name="lote-sent"),
    path("movimientos/lotes/<int:lote_id>/recibido/", lotes.received, name="lote-received"),
    path("movimientos/documentos/", answers.bring, name="answer-bring"),
    path("movimientos/documentos/<int:document_id>/", answers.answer, name="answer"),
    path("movimientos/documentos/<int:document_id>/archivo/", answers.file, name="answer-file"),
    path("movimientos/documentos/<int:document_id>/columnas/", answers.columns, name="answer-columns"),
    path("movimientos/documentos/<int:document_id>/aplicar/", answers.apply, name="answer-apply"),
    path("movimientos/documentos/<int:document_id>/descartar/", answers.discard, name="answer-discard"),
    path("movimientos/documentos/<int:document_id>/deshacer/", answers.undo, name="answer-undo"),
    path("movimientos/conciliacion/", reconciliation, name="reconciliation"),
    path("movimientos/conciliacion/listas/", insured_lists.lists, name="insured-lists"),
    path("movimientos/conciliacion/listas/<int:list_id>/descartar/", insured_lists.discard, name="insured-discard"),
    path("movimientos/conciliacion/atendidos/", person_lists.attend, name="strange-attend"),
    path("movimientos/conciliacion/atendidos/<int:attended_id>/deshacer/", person_lists.forget, name="strange-undo"),
    path("movimientos/conciliacion/<slug:what>/", case_lists.listing, name="reconciliation-list"),
    path("movimientos/conciliacion/<slug:what>/lista.<table:ending>", case_lists.as_file, name="reconciliation-file"),
    path("inicio/", first_visit.first_run, name="first-run"),
    path("inicio/<slug:step>/", first_visit.step, name="first-step"),
    path("ajustes/", setup.index, name="settings"),
    path("ajustes/cambios/", setup.changes_log, name="settings-changes"),
    path("ajustes/usuarios/", staff_accounts.people, name="people"),
    path("ajustes/usuarios/nuevo/", staff_accounts.person, name="person-new"),
    path("ajustes/usuarios/<int:user_id>/", staff_accounts.person, name="person"),
    path("ajustes/usuarios/<int:user_id>/entregar/", handover.handover, name="person-handover"),
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
    # On every paper we print: who holds it may ask whether it is ours.
    path("v/", login_not_required(verify.ask), name="verify-ask"),
    path("v/<str:folio>", login_not_required(verify.answer), name="verify"),
    path("solicitudes/", consent.consents, name="consents"),
    path("solicitudes/<int:request_id>/", consent.consent, name="consent"),
    path("solicitudes/<int:request_id>/aceptar/", consent.accept, name="consent-accept"),
    path("solicitudes/<int:request_id>/rechazar/", consent.refuse, name="consent-refuse"),
    path("solicitudes/<int:request_id>/retirar/", consent.withdraw, name="consent-withdraw"),
    path("sin-curp/", nocurp.without, name="without-curp"),
    path("sin-curp/lista.<table:ending>", nocurp.as_file, name="without-curp-file"),
    path("sin-curp/<int:without_id>/", nocurp.person, name="without-curp-person"),
    path("sin-curp/<int:without_id>/seguimiento/", nocurp.follow, name="without-curp-follow"),
    path("sin-curp/<int:without_id>/cerrar/", nocurp.close, name="without-curp-close"),
    path("sin-curp/<int:without_id>/reabrir/", nocurp.reopen, name="without-curp-undo"),
    path("trabajos/", ledger.ledger, name="jobs"),
    path("trabajos/visto/", ledger.seen, name="job-seen"),
    path("trabajos/reintentar/", ledger.retry, name="job-retry"),
    path("listas/", uploads.uploads, name="uploads"),
    path("listas/columnas/", column_views.manual, name="list-columns"),
    path("listas/plantilla.<table:ending>", column_views.template, name="list-template"),
    path("listas/seguros/", opening_views.openings, name="openings"),
    path("listas/seguros/<int:opening_id>/", opening_views.opening, name="opening"),
    path("listas/seguros/<int:opening_id>/declarar/", opening_views.confirm, name="opening-confirm"),
    path("listas/seguros/<int:opening_id>/cancelar/", opening_views.cancel, name="opening-cancel"),
    path("listas/seguros/<int:opening_id>/deshacer/", opening_views.undo, name="opening-undo"),
    path("listas/<int:upload_id>/columnas/", column_views.mapping, name="upload-mapping"),
    path("listas/<int:upload_id>/", uploads.upload, name="upload"),
    path("listas/<int:upload_id>/avance/", uploads.progress, name="upload-progress"),
    path("listas/<int:upload_id>/cargar/", uploads.confirm, name="upload-confirm"),
    path("listas/<int:upload_id>/cancelar/", uploads.cancel, name="upload-cancel"),
    path("listas/<int:upload_id>/reintentar/", uploads.retry, name="upload-retry"),
    path("listas/<int:upload_id>/deshacer/", uploads.undo, name="upload-undo"),
    path("listas/<int:upload_id>/filas/", row_views.rows, name="upload-rows"),
    path("listas/<int:upload_id>/no-reinscritos/", not_returned_views.not_returned, name="upload-not-returned"),
    path("listas/palabras/", question_views.words, name="school-words"),
    path("listas/<int:upload_id>/aclarar/", question_views.questions, name="upload-questions"),
    path("listas/<int:upload_id>/personas/", person_views.persons, name="upload-persons"),
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
    path("correos/", demo_mailbox.mails, name="mails"),
    path("correos/<str:name>/", demo_mailbox.mail, name="mail"),
    path("correos/<str:name>/contenido/", demo_mailbox.mail_body, name="mail-body"),
]
